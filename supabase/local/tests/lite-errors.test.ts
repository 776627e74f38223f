import { beforeAll, expect, test } from "vitest";
import { client, eventually, sharedStack, unique, untilExposed } from "./support.ts";

const stack = sharedStack();
const service = client(stack.secretKey);
const fail = unique("fail");
const checked = unique("checked");

beforeAll(async () => {
  await stack.sql.unsafe(`
    create table public.${checked} (id int primary key, amount int constraint positive check (amount > 0), slot int4range,
      exclude using gist (slot with &&));
    create function public.${fail}(code text, message text, detail text default '', hint text default '') returns void language plpgsql as $$
      begin raise exception using errcode = code, message = message, detail = detail, hint = hint; end $$`);
  await untilExposed(checked);
  await eventually(async () => (await service.rpc(fail, { code: "P0001", message: "ready" })).error?.code === "P0001");
});

test.each([
  ["P0001", 400],
  ["40001", 500],
  ["57014", 500],
  ["53300", 503],
  ["P0002", 500],
  ["28000", 403],
  ["0L000", 403],
  ["22023", 400],
  ["44000", 400],
])("SQLSTATE %s is told with its message, detail and hint, as HTTP %i", async (code, status) => {
  const reply = await service.rpc(fail, { code, message: "no", detail: "because", hint: "instead" });
  expect(reply.error).toMatchObject({ code, message: "no", details: "because", hint: "instead" });
  expect(reply.status).toBe(status);
});

test("a broken check constraint is the caller's mistake", async () => {
  const reply = await service.from(checked).insert({ id: 1, amount: -1 });
  expect(reply.status).toBe(400);
  expect(reply.error).toMatchObject({ code: "23514" });
  expect(reply.error?.message).toContain("positive");
});

test("an exclusion is reported with its detail", async () => {
  await service.from(checked).insert({ id: 2, slot: "[1,5)" });
  const reply = await service.from(checked).insert({ id: 3, slot: "[4,6)" });
  expect(reply.status).toBe(400);
  expect(reply.error).toMatchObject({ code: "23P01", details: expect.stringContaining("conflicts") });
});

test("what lite already answers rightly stays so", async () => {
  await service.from(checked).insert({ id: 9 });
  const duplicate = await service.from(checked).insert({ id: 9 });
  expect([duplicate.status, duplicate.error?.code]).toEqual([409, "23505"]);
  const notNumber = await service.from(checked).select("*").eq("id", "x");
  expect([notNumber.status, notNumber.error?.code]).toEqual([400, "22P02"]);
  const unknown = await service.from(checked).select("nothing");
  expect([unknown.status, unknown.error?.code]).toEqual([400, "42703"]);
  const custom = await service.rpc(fail, { code: "PT402", message: "pay first" });
  expect([custom.status, custom.error?.message]).toEqual([402, "pay first"]);
  const own = await service.rpc(fail, {
    code: "PGRST",
    message: '{"code":"123","message":"own"}',
    detail: '{"status":418,"headers":{"x-own":"1"}}',
  });
  expect([own.status, own.error?.message]).toEqual([418, "own"]);
});

test("a missing or wrong key is refused", async () => {
  const url = `${stack.supabaseUrl}/rest/v1/${checked}`;
  expect((await fetch(url)).status).toBe(401);
  expect((await fetch(url, { headers: { apikey: "sb_publishable_wrong" } })).status).toBe(401);
  expect((await fetch(url, { headers: { apikey: stack.publishableKey, authorization: "Bearer eyJhbGciOiJub25lIn0.e30." } })).status).toBe(
    401,
  );
});
