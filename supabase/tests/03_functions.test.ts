import type { TransactionSql } from "postgres";
import { beforeAll, describe, expect, test } from "vitest";
import { organizationRoles } from "../../lib/orgs/schema.ts";
import { type Actor, tryAs } from "../../tests/support/people.ts";
import { type TestStack, testStack } from "../../tests/support/stack.ts";
import { calls, callsOfTheirOwn, callsWithoutOrganization, questions } from "./structure/calls.ts";
import { makeWorld, rolePermissions, type World } from "./structure/world.ts";

let stack: TestStack;
let world: World;
let holds: (role: string, permission: string) => boolean;

beforeAll(async () => {
  stack = await testStack();
  world = await makeWorld(stack);
  holds = await rolePermissions(stack);
});

/** "ok", or the refusal in every byte that reaches a client. */
async function verdict(who: Actor, work: (tx: TransactionSql) => Promise<unknown>): Promise<string> {
  try {
    await tryAs(stack, who, work);
    return "ok";
  } catch (error) {
    const { code, message, detail, hint } = error as Record<string, string | undefined>;
    return JSON.stringify({ code, message, detail, hint });
  }
}

const notFound = JSON.stringify({ code: "PT404", message: "Not found.", detail: '{"code": "not_found", "field": null}' });
const forbidden = JSON.stringify({
  code: "PT403",
  message: "Your role does not allow this.",
  detail: '{"code": "forbidden", "field": null}',
});

test("the maps name every function of public that people may call, and no other", async () => {
  const rows = await stack.sql<{ name: string; takes: boolean }[]>`
    select p.proname as name, coalesce('p_organization_id' = any (p.proargnames), false) as takes
    from pg_proc p
    where p.pronamespace = 'public'::regnamespace and p.prorettype <> 'trigger'::regtype
      and (has_function_privilege('authenticated', p.oid, 'execute') or has_function_privilege('anon', p.oid, 'execute'))
    order by 1`;
  const names = (takes: boolean) => rows.filter((row) => row.takes === takes).map((row) => row.name);
  expect(names(true)).toEqual([...Object.keys(calls), ...Object.keys(questions), ...Object.keys(callsOfTheirOwn)].sort());
  expect(names(false)).toEqual([...callsWithoutOrganization].sort());
});

describe.each(Object.keys(calls))("%s", (name) => {
  const { permission, run } = calls[name]!;
  const onHere = (who: Actor) => verdict(who, (tx) => run(tx, world.here.organization.id, world.here));

  test("is open to the roles that hold the permission and to no other", async () => {
    const found: Record<string, string> = {};
    const expected: Record<string, string> = {};
    for (const role of organizationRoles) {
      found[role] = await onHere(world.here.people[role]);
      expected[role] = holds(role, permission) ? "ok" : forbidden;
    }
    expect(found).toEqual(expected);
    expect(Object.values(found)).toContain("ok");
  });

  test("answers a foreign organization exactly like a missing one", async () => {
    for (const who of [world.there.people.owner, world.there.people.viewer, world.outsider, world.loose]) {
      expect(await onHere(who)).toBe(notFound);
      expect(await verdict(who, (tx) => run(tx, crypto.randomUUID(), world.here))).toBe(notFound);
    }
  });

  test("answers somebody else's thing inside one's own organization exactly like a missing one", async () => {
    const owner = world.here.people.owner;
    const foreign = await verdict(owner, (tx) => run(tx, world.here.organization.id, world.there));
    const missing = await verdict(owner, (tx) =>
      run(tx, world.here.organization.id, {
        ...world.there,
        teamless: { ...world.loose, id: crypto.randomUUID() },
        invitationId: crypto.randomUUID(),
        apiKeyId: crypto.randomUUID(),
        connectionId: crypto.randomUUID(),
        adjustmentId: crypto.randomUUID(),
        organization: { ...world.there.organization, slug: "no-such-organization" },
      }),
    );
    expect(foreign).toBe(missing);
  });

  test("is closed to visitors", async () => {
    expect(JSON.parse(await onHere("anon"))).toMatchObject({ code: "42501" });
  });
});

describe.each(Object.keys(questions))("question %s", (name) => {
  const answer = async (who: Actor, organizationId: string) => {
    try {
      return JSON.stringify(await tryAs(stack, who, (tx) => tx.unsafe(`select * from public.${questions[name]}`, [organizationId])));
    } catch (error) {
      const { code, message, detail, hint } = error as Record<string, string | undefined>;
      return JSON.stringify({ code, message, detail, hint });
    }
  };

  test("tells a foreign organization from a missing one by nothing", async () => {
    for (const who of [world.there.people.owner, world.there.people.viewer, world.outsider, world.loose])
      expect(await answer(who, world.here.organization.id)).toBe(await answer(who, crypto.randomUUID()));
  });

  test("is closed to visitors", async () => {
    expect(JSON.parse(await answer("anon", world.here.organization.id))).toMatchObject({ code: "42501" });
  });
});

describe("functions without an organization", () => {
  test("my_organizations lists one's own with role and permissions", async () => {
    for (const role of organizationRoles) {
      const rows = await tryAs(stack, world.here.people[role], (tx) => tx`select * from public.my_organizations()`);
      expect(rows.map(({ id, slug, role: held }) => ({ id, slug, held }))).toEqual([
        { id: world.here.organization.id, slug: world.here.organization.slug, held: role },
      ]);
      const [permissions] = await stack.sql`
        select array_agg(permission::text order by permission) as list from public.role_permissions where role = ${role}`;
      expect(rows[0]!.permissions).toEqual(permissions!.list);
    }
    expect((await tryAs(stack, world.loose, (tx) => tx`select * from public.my_organizations()`)).count).toBe(0);
  });

  test("a token whose user is gone creates nothing and joins nothing", async () => {
    const ghost = { id: crypto.randomUUID(), email: "ghost@example.com", password: "" };
    for (const call of ["public.create_organization('Ghosts')", "public.accept_invitation('x')"])
      expect(await verdict(ghost, (tx) => tx.unsafe(`select * from ${call}`))).toContain("PT401");
  });
});
