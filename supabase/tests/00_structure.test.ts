import { describe, expect, test } from "vitest";
import { testStack } from "../../tests/support/stack.ts";
import { ask, checks } from "./structure/checks.ts";
import { anonFunctions, doorFunctions, serviceFunctions, signed } from "./structure/signed.ts";

describe("every object of the catalogue", () => {
  for (const check of checks) {
    test(check.name, async () => {
      const { sql } = await testStack();
      const findings = await ask(sql, check);
      const excused = signed[check.name] ?? {};
      const wrong = findings.filter((finding) => finding.wrong !== null);
      expect(findings.length).toBeGreaterThanOrEqual(check.atLeast);
      expect(wrong.filter(({ object }) => !(object in excused)).map(({ object, wrong: why }) => `${object}: ${why}`)).toEqual([]);
      const stale = Object.keys(excused).filter((object) => !wrong.some((finding) => finding.object === object));
      expect(stale).toEqual([]);
    });
  }

  test("exceptions are signed for checks that exist", () => {
    expect(Object.keys(signed).filter((name) => !checks.some((check) => check.name === name))).toEqual([]);
  });
});

async function executableBy(role: string): Promise<string[]> {
  const { sql } = await testStack();
  const rows = await sql<{ name: string }[]>`
    select distinct p.pronamespace::regnamespace || '.' || p.proname as name
    from pg_proc p
    where p.pronamespace in ('public'::regnamespace, 'private'::regnamespace) and has_function_privilege(${role}, p.oid, 'execute')
    order by 1`;
  return rows.map((row) => row.name);
}

describe("roles reach what is signed and nothing else", () => {
  test("anon runs the signed functions", async () => {
    expect(await executableBy("anon")).toEqual([...anonFunctions].sort());
  });

  test("the machine doors run the signed functions", async () => {
    expect(await executableBy("tokentra_door")).toEqual([...doorFunctions].sort());
  });

  test("the secret key's role runs the signed functions", async () => {
    expect(await executableBy("service_role")).toEqual([...serviceFunctions].sort());
  });

  test("people run no body that leaves the decision to its caller", async () => {
    const names = await executableBy("authenticated");
    expect(names.length).toBeGreaterThan(20);
    for (const name of ["erase_organization", "use_api_key", "touch_api_keys", "write_audit", "check_api_key_target"])
      expect(names).not.toContain(`private.${name}`);
  });

  test.each(["anon", "tokentra_door"])("%s touches no relation of ours, and no schema but what it calls", async (role) => {
    const { sql } = await testStack();
    const rows = await sql<{ object: string; held: string | null }[]>`
      select c.oid::regclass::text as object, (
        select string_agg(v, ', ') from unnest(array['select', 'insert', 'update', 'delete', 'truncate', 'references', 'trigger']) v
        where has_table_privilege(${role}, c.oid, v)
          or (v in ('select', 'insert', 'update', 'references') and has_any_column_privilege(${role}, c.oid, v))
      ) as held
      from pg_class c
      where c.relnamespace in ('public'::regnamespace, 'private'::regnamespace, 'auth'::regnamespace) and c.relkind in ('r', 'p', 'v', 'm', 'f')`;
    expect(rows.length).toBeGreaterThan(15);
    expect(rows.filter((row) => row.held !== null)).toEqual([]);
    const schemas = await sql<{ name: string }[]>`
      select n.nspname as name from pg_namespace n where has_schema_privilege(${role}, n.oid, 'create') and n.nspname !~ '^pg_'`;
    expect(schemas).toEqual([]);
  });

  test("the door's role is a bare role", async () => {
    const { sql } = await testStack();
    const [role] = await sql`
      select rolsuper, rolbypassrls, rolcanlogin, rolcreaterole, rolcreatedb, rolinherit,
        (select count(*)::int from pg_auth_members m where m.member = r.oid) as memberships
      from pg_roles r where rolname = 'tokentra_door'`;
    expect(role).toEqual({
      rolsuper: false,
      rolbypassrls: false,
      rolcanlogin: false,
      rolcreaterole: false,
      rolcreatedb: false,
      rolinherit: false,
      memberships: 0,
    });
  });

  test("the role that migrates is no superuser, and people's roles bypass nothing", async () => {
    const { sql } = await testStack();
    const rows = await sql`
      select rolname, rolsuper, rolbypassrls from pg_roles where rolname in ('postgres', 'anon', 'authenticated') order by rolname`;
    expect([...rows]).toEqual([
      { rolname: "anon", rolsuper: false, rolbypassrls: false },
      { rolname: "authenticated", rolsuper: false, rolbypassrls: false },
      { rolname: "postgres", rolsuper: false, rolbypassrls: true },
    ]);
  });

  test("no extension lives in an exposed schema", async () => {
    const { sql } = await testStack();
    const rows = await sql`select extname, extnamespace::regnamespace::text as schema from pg_extension`;
    expect(rows.length).toBeGreaterThan(2);
    expect(rows.filter((row) => row.schema === "public" || row.schema === "private")).toEqual([]);
  });
});
