import type { TransactionSql } from "postgres";
import { beforeAll, describe, expect, test } from "vitest";
import { organizationRoles, permissions } from "../../lib/orgs/schema.ts";
import { type Actor, as, makeMember, tryAs } from "../../tests/support/people.ts";
import { type TestStack, testStack } from "../../tests/support/stack.ts";
import { access, type Verb, verbs } from "./structure/access.ts";
import { makeTenant, makeWorld, rolePermissions, type Tenant, type World } from "./structure/world.ts";

let stack: TestStack;
let world: World;
let holds: (role: string, permission: string) => boolean;

beforeAll(async () => {
  stack = await testStack();
  world = await makeWorld(stack);
  holds = await rolePermissions(stack);
});

/** What became of a try: how many rows it reached, or the SQLSTATE of its refusal. */
type Outcome = number | string;

const column = (table: string) => access[table]!.organization ?? "organization_id";

/** The statement that tries a verb on the rows of a tenant, in the form nearest to what the role could be granted. */
async function statement(table: string, verb: Verb, tenant: Tenant): Promise<string> {
  const { where = "true" } = access[table]!;
  const mine = `${column(table)} = '${tenant.organization.id}' and ${where}`;
  if (verb === "select") return `select 1 from public.${table} where ${mine}`;
  if (verb === "delete") return `delete from public.${table} where ${mine}`;
  const granted = await stack.sql<{ name: string }[]>`
    select a.attname as name from pg_attribute a
    where a.attrelid = ${`public.${table}`}::regclass and a.attnum > 0 and not a.attisdropped
    order by not has_column_privilege('authenticated', a.attrelid, a.attnum, ${verb}), a.attnum`;
  const columns = granted.map((row) => row.name);
  if (verb === "update") return `update public.${table} set ${columns[0]} = ${columns[0]} where ${mine}`;
  const open = await stack.sql<{ name: string }[]>`
    select a.attname as name from pg_attribute a
    where a.attrelid = ${`public.${table}`}::regclass and a.attnum > 0 and not a.attisdropped
      and has_column_privilege('authenticated', a.attrelid, a.attnum, 'insert')`;
  const names = open.length > 0 ? open.map((row) => row.name) : columns;
  return `insert into public.${table} (${names.join(", ")}) values (${(await literals(table, names, tenant, mine)).join(", ")})`;
}

/** The values of an existing row as literals, so that the try itself reads no table. */
async function literals(table: string, names: string[], tenant: Tenant, mine: string): Promise<string[]> {
  const quoted = names.map((name) => `quote_nullable(${name}::text) as ${name}`);
  const [row] = await stack.sql.unsafe<Record<string, string>[]>(`select ${quoted.join(", ")} from public.${table} where ${mine} limit 1`);
  if (!row) throw new Error(`${table} has no row of ${tenant.organization.slug}`);
  return names.map((name) => {
    const fresh = access[table]!.fresh[name];
    return fresh ? `'${fresh(tenant, world)}'` : row[name]!;
  });
}

async function outcome(text: string, run: (work: (tx: TransactionSql) => Promise<number>) => Promise<number>): Promise<Outcome> {
  try {
    return await run(async (tx) => (await tx.unsafe(text)).count);
  } catch (error) {
    return String((error as { code?: string }).code);
  }
}

test("the map names every tenant table of the catalogue, and no other", async () => {
  const rows = await stack.sql<{ name: string }[]>`
    select c.relname as name from pg_class c
    where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p') and not c.relispartition and c.relname <> 'role_permissions'
    order by 1`;
  expect(rows.map((row) => row.name)).toEqual(Object.keys(access).sort());
  expect(rows.length).toBeGreaterThanOrEqual(8);
});

test("the database and TypeScript know the same roles and permissions", async () => {
  const [known] = await stack.sql`
    select enum_range(null::public.organization_role)::text[] as roles, enum_range(null::public.permission)::text[] as permissions`;
  expect(known).toEqual({ roles: [...organizationRoles], permissions: [...permissions] });
});

describe.each(Object.keys(access))("%s", (table) => {
  test("has rows in both organizations", async () => {
    for (const tenant of [world.here, world.there]) {
      const rows = await stack.sql.unsafe(`select 1 from public.${table} where ${column(table)} = '${tenant.organization.id}'`);
      expect(rows.count).toBeGreaterThan(0);
    }
  });

  test("each verb works for the table's owner, so a refusal is a decision", async () => {
    for (const verb of verbs)
      for (const tenant of [world.here, world.there]) {
        class Rollback extends Error {}
        const found = await outcome(await statement(table, verb, tenant), async (work) => {
          let count = 0;
          await stack.sql
            .begin(async (tx) => {
              count = await work(tx);
              throw new Rollback();
            })
            .catch((error: unknown) => {
              if (!(error instanceof Rollback)) throw error;
            });
          return count;
        });
        if (access[table]!.never?.includes(verb)) expect([table, verb, found]).toEqual([table, verb, "42501"]);
        else expect([table, verb, found]).toEqual([table, verb, expect.toSatisfy((n: Outcome) => typeof n === "number" && n > 0)]);
      }
  });

  test("each role, the other organization's people, an outsider and a visitor do exactly what they may", async () => {
    const actors: { name: string; who: Actor; role: string | null }[] = [
      ...organizationRoles.map((role) => ({ name: role, who: world.here.people[role], role })),
      ...organizationRoles.map((role) => ({ name: `foreign ${role}`, who: world.there.people[role], role: null })),
      { name: "outsider", who: world.outsider, role: null },
      { name: "person without organization", who: world.loose, role: null },
      { name: "visitor", who: "anon", role: null },
    ];
    const expected: string[] = [];
    const found: string[] = [];
    for (const verb of verbs) {
      const text = await statement(table, verb, world.here);
      const permission = access[table]!.open[verb];
      for (const { name, who, role } of actors) {
        const may = role !== null && permission !== undefined && holds(role, permission);
        const result = await outcome(text, (work) => tryAs(stack, who, work));
        expected.push(`${verb} ${name}: ${may}`);
        found.push(`${verb} ${name}: ${typeof result === "number" ? result > 0 : result === "42501" ? false : result}`);
      }
      // No verb is decided by accident: what is open is open to somebody and closed to somebody.
      if (permission) {
        expect(expected.some((line) => line.startsWith(verb) && line.endsWith("true"))).toBe(true);
        expect(expected.some((line) => line.startsWith(verb) && line.endsWith("false"))).toBe(true);
      }
    }
    expect(found).toEqual(expected);
    expect(found.length).toBe(4 * 13);
  });

  test("no row can be moved: organization and id are nobody's to update", async () => {
    const rows = await stack.sql<{ name: string }[]>`
      select a.attname as name from pg_attribute a
      where a.attrelid = ${`public.${table}`}::regclass and a.attname in ('organization_id', 'id', 'created_at', 'is_demo', 'plan', 'settings')
        and has_column_privilege('authenticated', a.attrelid, a.attnum, 'update')`;
    expect([...rows]).toEqual([]);
  });

  test("the permission is looked up once per statement, not once per row", async () => {
    const permission = access[table]!.open.select!;
    const role = organizationRoles.find((each) => holds(each, permission))!;
    const rows = await tryAs(stack, world.here.people[role], (tx) =>
      tx.unsafe<{ "QUERY PLAN": string }[]>(`explain (verbose, costs off) select * from public.${table}`),
    );
    const plan = rows.map((row) => row["QUERY PLAN"].trim());
    const filters = plan.filter((line) => /^(Filter|Index Cond|Recheck Cond):/.test(line));
    expect(filters.length).toBeGreaterThan(0);
    expect(filters.join()).toContain("InitPlan");
    expect(filters.join()).not.toContain("my_organization_ids");
    expect(plan.filter((line) => line.includes("my_organization_ids"))).toHaveLength(1);
  });

  test("a read without a filter of its own finds the reader's organization alone", async () => {
    const permission = access[table]!.open.select!;
    const role = organizationRoles.find((each) => holds(each, permission))!;
    const rows = await tryAs(stack, world.here.people[role], (tx) =>
      tx.unsafe<{ id: string }[]>(`select distinct ${column(table)} as id from public.${table}`),
    );
    expect(rows.map((row) => row.id)).toEqual([world.here.organization.id]);
  });
});

describe("foreign and missing are the same", () => {
  const failure = async (work: (tx: TransactionSql) => Promise<unknown>) => {
    try {
      await tryAs(stack, world.here.people.owner, work);
    } catch (error) {
      const { code, message, detail } = error as { code: string; message: string; detail?: string };
      return JSON.stringify({ code, message, detail });
    }
    return "no refusal";
  };

  test.each(["teams", "projects"])("insert into %s of another organization", async (table) => {
    const insert = (organizationId: string) =>
      failure((tx) => tx.unsafe(`insert into public.${table} (organization_id, slug, name) values ('${organizationId}', 'x', 'X')`));
    const foreign = await insert(world.there.organization.id);
    expect(foreign).toContain("42501");
    expect(foreign).toBe(await insert(crypto.randomUUID()));
  });

  test("a child of another organization's parent", async () => {
    const missing = crypto.randomUUID();
    const insert = (teamId: string) =>
      failure(
        (tx) =>
          tx`insert into public.projects (organization_id, team_id, slug, name) values (${world.here.organization.id}, ${teamId}, 'x', 'X')`,
      );
    const foreign = await insert(world.there.teamId);
    expect(foreign).toContain("23503");
    expect(foreign.replaceAll(world.there.teamId, "?")).toBe((await insert(missing)).replaceAll(missing, "?"));
  });

  test("a team member who is no member of the organization", async () => {
    const missing = crypto.randomUUID();
    const insert = (userId: string) =>
      failure(
        (tx) =>
          tx`insert into public.team_members (organization_id, team_id, user_id)
             values (${world.here.organization.id}, ${world.here.teamId}, ${userId})`,
      );
    const foreign = await insert(world.there.people.member.id);
    expect(foreign).toContain("23503");
    expect(foreign.replaceAll(world.there.people.member.id, "?")).toBe((await insert(missing)).replaceAll(missing, "?"));
  });
});

describe("membership is looked up, never remembered", () => {
  test("a role that changes or ends counts in the next statement of the same person", async () => {
    const { organization } = await makeTenant(stack);
    const person = await makeMember(stack, organization, "admin");
    const teams = () => tryAs(stack, person, (tx) => tx`select 1 from public.teams`).then((rows) => rows.count);
    expect(await teams()).toBe(1);
    await as(stack, organization.owner, (tx) => tx`select public.set_member_role(${organization.id}, ${person.id}, 'viewer')`);
    expect(await teams()).toBe(0);
    await as(stack, organization.owner, (tx) => tx`select public.set_member_role(${organization.id}, ${person.id}, 'member')`);
    expect(await teams()).toBe(1);
    await as(stack, organization.owner, (tx) => tx`select public.remove_member(${organization.id}, ${person.id})`);
    expect(await teams()).toBe(0);
  });

  test("claims about roles in a token are worth nothing", async () => {
    const rows = await stack.sql.begin(async (tx) => {
      const claims = {
        sub: world.outsider.id,
        role: "authenticated",
        app_metadata: { role: "owner", organization_id: world.here.organization.id },
        user_metadata: { organization_id: world.here.organization.id, role: "owner" },
      };
      await tx`select set_config('role', 'authenticated', true), set_config('request.jwt.claims', ${JSON.stringify(claims)}, true)`;
      return tx`select 1 from public.organizations where id = ${world.here.organization.id}`;
    });
    expect(rows.count).toBe(0);
  });
});
