import { expect, test } from "vitest";
import { client, eventually, sharedStack, unique, untilExposed } from "./support.ts";

const stack = sharedStack();
const service = client(stack.secretKey);

test("a public table named like one in another schema keeps its own columns", async () => {
  const schema = unique("elsewhere");
  const name = unique("twin");
  await stack.sql.unsafe(`
    create schema ${schema};
    create table ${schema}.${name} (id int, secret text, cost numeric);
    create table public.${name} (id int primary key, label text);
    insert into public.${name} values (1, 'mine')`);
  await untilExposed(name);
  expect((await service.from(name).select("*")).data).toEqual([{ id: 1, label: "mine" }]);
  expect((await service.from(name).insert({ id: 2, label: "two" }).select()).data).toEqual([{ id: 2, label: "two" }]);
  expect((await service.from(name).select("secret")).error).toMatchObject({ code: "42703" });
});

test("public.users is not confused with auth.users", async () => {
  await stack.sql.unsafe("create table public.users (id int primary key, name text); insert into public.users values (1, 'Ada')");
  await untilExposed("users");
  try {
    expect((await service.from("users").select("*")).data).toEqual([{ id: 1, name: "Ada" }]);
    expect((await service.from("users").update({ name: "Grace" }).eq("id", 1).select()).data).toEqual([{ id: 1, name: "Grace" }]);
  } finally {
    await stack.sql.unsafe("drop table public.users");
  }
});

test("only public is exposed", async () => {
  const reply = await service.schema("auth").from("users").select("*");
  expect(reply.status).toBe(406);
  expect(reply.error).toMatchObject({ code: "PGRST106" });
  expect((await service.from("mfa_amr_claims").select("*")).error).toMatchObject({ code: "PGRST205" });
});

test("a new table, a new column and a dropped table are known without a restart", async () => {
  const name = unique("growing");
  await stack.sql.unsafe(`create table public.${name} (id int primary key)`);
  await untilExposed(name);
  expect((await service.from(name).insert({ id: 1 })).error).toBeNull();
  await stack.sql.unsafe(`alter table public.${name} add column note text`);
  await eventually(
    async () =>
      (
        await service
          .from(name)
          .insert({ id: Date.now() % 1e9, note: "x" })
          .select("note")
      ).data?.length,
  );
  await stack.sql.unsafe(`drop table public.${name}`);
  await eventually(async () => (await service.from(name).select("*")).error?.code === "PGRST205");
});

test("embedding follows foreign keys", async () => {
  const parent = unique("parent");
  const child = unique("child");
  await stack.sql.unsafe(`
    create table public.${parent} (id int primary key, title text);
    create table public.${child} (id int primary key, parent_id int references public.${parent} (id), cost numeric);
    insert into public.${parent} values (1, 'one');
    insert into public.${child} values (10, 1, 1.5), (11, 1, 2.25)`);
  await untilExposed(child);
  const { data } = await service.from(parent).select(`title, ${child}(id, cost)`).order("id", { referencedTable: child });
  expect(data).toEqual([
    {
      title: "one",
      [child]: [
        { id: 10, cost: 1.5 },
        { id: 11, cost: 2.25 },
      ],
    },
  ]);
});

test("after a restart of the database's connections the catalogue is read again, not remembered as empty", async () => {
  const name = unique("steady");
  await stack.sql.unsafe(`create table public.${name} (id int primary key)`);
  await untilExposed(name);
  await stack.admin`select pg_terminate_backend(pid) from pg_stat_activity where pid <> pg_backend_pid() and usename in ('supabase_lite', 'supabase_admin')`;
  await eventually(async () => (await service.from(name).select("*")).status === 200);
  await stack.sql.unsafe(`alter table public.${name} add column later int`);
  await eventually(async () => (await service.from(name).select("later")).status === 200);
});
