import postgres from "postgres";
import { expect, test } from "vitest";
import { client, eventually, sharedStack, signedInUser, unique, untilExposed } from "./support.ts";

const stack = sharedStack();
const get = (path: string, headers: Record<string, string>) => fetch(`${stack.supabaseUrl}/rest/v1/${path}`, { headers });

/** A table of the application: nobody has rights until they are granted, RLS as asked for. */
async function table(rls: boolean, grants = ""): Promise<string> {
  const name = unique("guarded");
  await stack.sql.unsafe(`
    create table public.${name} (id int primary key, owner uuid);
    revoke all on public.${name} from anon, authenticated, service_role;
    ${rls ? `alter table public.${name} enable row level security;` : ""}
    ${grants.replaceAll("$t", `public.${name}`)}
    insert into public.${name} values (1, null);
    grant select on public.${name} to service_role`);
  await untilExposed(name);
  return name;
}

test("a table without grants stays closed to anon, whether or not any table has row-level security", async () => {
  for (const rls of [false, true]) {
    const name = await table(rls);
    const reply = await get(name, { apikey: stack.publishableKey });
    expect(reply.status).toBe(401);
    expect(await reply.json()).toMatchObject({ code: "42501", message: `permission denied for table ${name}` });
  }
});

test("requests give no role any new privilege", async () => {
  const name = await table(true);
  for (let i = 0; i < 3; i += 1) await get(name, { apikey: stack.publishableKey });
  const granted = await stack.admin`
    select grantee, privilege_type from information_schema.role_table_grants
     where table_name = ${name} and grantee in ('anon', 'authenticated', 'service_role')`;
  expect([...granted]).toEqual([{ grantee: "service_role", privilege_type: "SELECT" }]);
  const defaults = await stack.admin`
    select n.nspname from pg_default_acl d join pg_namespace n on n.oid = d.defaclnamespace where n.nspname not in ('public')`;
  expect([...defaults]).toEqual([]);
});

test("no request runs as a superuser or as the server's login", async () => {
  const name = unique("who");
  await stack.sql.unsafe(`
    create function public.${name}() returns json language sql as $$
      select json_build_object('current', current_user, 'session', session_user,
        'super', (select rolsuper from pg_roles where rolname = session_user)) $$`);
  const call = async (key: string) => eventually(async () => (await client(key).rpc(name)).data as { current: string } | null);
  expect(await call(stack.publishableKey)).toEqual({ current: "anon", session: "supabase_lite", super: false });
  expect(await call(stack.secretKey)).toMatchObject({ current: "service_role" });
});

test("row-level security decides by the user of the token", async () => {
  const name = await table(
    true,
    "grant select, insert on $t to authenticated; create policy own on $t to authenticated using (owner = auth.uid()) with check (owner = auth.uid());",
  );
  const [alice, bob] = await Promise.all([signedInUser(), signedInUser()]);
  expect((await alice.db.from(name).insert({ id: 2, owner: alice.id })).error).toBeNull();
  expect((await bob.db.from(name).insert({ id: 3, owner: alice.id })).error).toMatchObject({ code: "42501" });
  expect((await alice.db.from(name).select("id")).data).toEqual([{ id: 2 }]);
  expect((await bob.db.from(name).select("id")).data).toEqual([]);
});

test("a token cannot name a role beyond those of the API", async () => {
  const name = await table(true);
  const { SignJWT, importJWK } = await import("jose");
  const { readFile } = await import("node:fs/promises");
  const [dir] = await stack.admin<{ at: string }[]>`select current_setting('data_directory') as at`;
  const secrets = JSON.parse(await readFile(`${dir?.at}/../secrets.json`, "utf8"));
  const token = await new SignJWT({ role: "supabase_auth_admin", sub: "00000000-0000-4000-8000-000000000001" })
    .setProtectedHeader({ alg: "ES256", kid: secrets.signingKey.kid })
    .setExpirationTime("1h")
    .sign(await importJWK(secrets.signingKey, "ES256"));
  const reply = await get(name, { apikey: stack.publishableKey, authorization: `Bearer ${token}` });
  expect(reply.status).toBeGreaterThanOrEqual(400);
  expect(reply.status).toBeLessThan(500);
});

test("the login of the API has no rights of its own", async () => {
  const [role] = await stack.admin`select rolsuper, rolbypassrls, rolcreaterole, rolinherit from pg_roles where rolname = 'supabase_lite'`;
  expect(role).toEqual({ rolsuper: false, rolbypassrls: false, rolcreaterole: false, rolinherit: false });
});

test("auth functions answer from the request for anon and for a user", async () => {
  const name = unique("me");
  await stack.sql.unsafe(`
    create function public.${name}() returns json language sql stable as $$
      select json_build_object('uid', auth.uid(), 'role', auth.role(), 'email', auth.email(), 'jwt_role', auth.jwt() ->> 'role') $$`);
  const user = await signedInUser();
  const anon = await eventually(async () => (await client(stack.publishableKey).rpc(name)).data);
  expect(anon).toEqual({ uid: null, role: "anon", email: null, jwt_role: "anon" });
  expect((await user.db.rpc(name)).data).toEqual({ uid: user.id, role: "authenticated", email: user.email, jwt_role: "authenticated" });
});

test("settings of a role apply to its requests: anon's statement is cut off after three seconds", async () => {
  const name = unique("slow");
  await stack.sql.unsafe(`
    create function public.${name}(seconds float) returns text language sql as $$
      select current_setting('statement_timeout') from (select pg_sleep(seconds)) as slept $$`);
  const anon = client(stack.publishableKey);
  expect(await eventually(async () => (await anon.rpc(name, { seconds: 0 })).data)).toBe("3s");
  expect((await client(stack.secretKey).rpc(name, { seconds: 0 })).data).toBe("0");
  const cut = await anon.rpc(name, { seconds: 5 });
  expect(cut.error).toMatchObject({ code: "57014", message: "canceling statement due to statement timeout" });
  expect(cut.status).toBe(500);
});

test("SQL sees the request's headers, also outside functions called through /rpc", async () => {
  const name = unique("headers");
  await stack.sql.unsafe(`
    create view public.${name} as select current_setting('request.headers', true)::json ->> 'x-question' as question;
    grant select on public.${name} to anon`);
  await untilExposed(name);
  const reply = await get(name, { apikey: stack.publishableKey, "x-question": "why" });
  expect(await reply.json()).toEqual([{ question: "why" }]);
});

test("what one request sets does not reach the next on the same connection", async () => {
  const name = unique("leak");
  await stack.sql.unsafe(`
    create function public.${name}() returns text language sql as $$ select coalesce(auth.uid()::text, 'nobody') || ' ' || current_user $$`);
  const user = await signedInUser();
  await eventually(async () => (await user.db.rpc(name)).data);
  const answers = await Promise.all(
    Array.from({ length: 40 }, async (_, i) => (await (i % 2 ? user.db : client(stack.publishableKey)).rpc(name)).data as string),
  );
  expect(answers.filter((_, i) => i % 2)).toEqual(Array(20).fill(`${user.id} authenticated`));
  expect(answers.filter((_, i) => !(i % 2))).toEqual(Array(20).fill("nobody anon"));
});

test("the role postgres is no superuser, yet may do what migrations do", async () => {
  const [role] = await stack.sql`select current_user as name, (select rolsuper from pg_roles where rolname = current_user) as super`;
  expect(role).toEqual({ name: "postgres", super: false });
  await expect(stack.sql`alter system set fsync = off`).rejects.toMatchObject({ code: "42501" });
  await expect(stack.sql`drop schema auth cascade`).rejects.toMatchObject({ code: "42501" });
  const name = unique("on_signup");
  const sql = postgres(stack.databaseUrl, { max: 1, onnotice: () => {} });
  await sql.unsafe(
    `
    create function public.${name}() returns trigger language plpgsql security definer set search_path = '' as $$ begin return new; end $$;
    create trigger ${name} after insert on auth.users for each row execute function public.${name}();
    create policy ${name} on realtime.messages for select to authenticated using (false);
    create table public.${name} (id int primary key references auth.users (id) on delete cascade deferrable)`.replace(
      "id int primary key",
      "id uuid primary key",
    ),
  );
  await sql.unsafe(`alter publication supabase_realtime add table public.${name}`);
  await sql.unsafe(`drop table public.${name}; drop policy ${name} on realtime.messages; drop trigger ${name} on auth.users`);
  await sql.end();
});
