import { expect, test } from "vitest";
import { client, sharedStack, signedInUser } from "./support.ts";

const stack = sharedStack();
const call = (path: string, init: RequestInit = {}) => fetch(`${stack.supabaseUrl}/functions/v1/${path}`, init);
const withKey = { apikey: stack.publishableKey };

test("a function runs with its path, body and the platform's environment", async () => {
  const { db, session } = await signedInUser();
  const { data, error } = await db.functions.invoke("hello/deep/er?x=1", { body: { a: 1 } });
  expect(error).toBeNull();
  expect(data).toMatchObject({
    path: "/hello/deep/er",
    query: "?x=1",
    method: "POST",
    body: '{"a":1}',
    greeting: "hello from the project",
    url: stack.supabaseUrl,
    keys: [stack.publishableKey, stack.secretKey],
    database: "postgres",
    authorization: `Bearer ${session.access_token}`,
  });
});

test("one process serves all requests of a function", async () => {
  const pids = await Promise.all(
    Array.from({ length: 5 }, async () => (await client(stack.publishableKey).functions.invoke("hello")).data.pid),
  );
  expect(new Set(pids).size).toBe(1);
});

test("without a valid token a function is closed", async () => {
  expect((await call("hello")).status).toBe(401);
  expect((await call("hello", { headers: { authorization: "Bearer eyJhbGciOiJub25lIn0.e30." } })).status).toBe(401);
  expect((await call("hello", { headers: { authorization: "Bearer nonsense" } })).status).toBe(401);
  expect((await call("hello", { headers: withKey })).status).toBe(200);
});

test("verify_jwt = false in config.toml opens a function, and its answer streams", async () => {
  const reply = await call("ingest-usage", { method: "POST", body: "now" });
  expect(reply.status).toBe(200);
  const reader = reply.body!.getReader();
  const first = new TextDecoder().decode((await reader.read()).value);
  expect(first).toBe("now ");
  expect(new TextDecoder().decode((await reader.read()).value)).toBe("later");
});

test("an unknown function is 404, also with a path that climbs; one that cannot boot is 503 and says why", async () => {
  expect((await call("nothing", { headers: withKey })).status).toBe(404);
  expect((await call("..%2Ffunctions%2Fhello", { headers: withKey })).status).toBe(404);
  const broken = await call("broken", { headers: withKey });
  expect(broken.status).toBe(503);
  expect((await broken.json()).message).toContain("broken on purpose");
});

test("a function that dies is started again by the next request", async () => {
  const { pid } = (await client(stack.publishableKey).functions.invoke("hello")).data;
  process.kill(pid, "SIGKILL");
  await expect.poll(async () => (await client(stack.publishableKey).functions.invoke("hello")).data?.pid ?? pid).not.toBe(pid);
});
