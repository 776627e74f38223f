import { beforeAll, describe, expect, test } from "vitest";
import { organizationRoles } from "../../lib/orgs/schema.ts";
import { interleave } from "../../tests/support/interleave.ts";
import { as, makeMember, makeOrganization, makeUser, type Organization, type Person, tryAs } from "../../tests/support/people.ts";
import { refusal } from "../../tests/support/refusal.ts";
import { type TestStack, testStack } from "../../tests/support/stack.ts";
import { makeTenant } from "./structure/world.ts";

let stack: TestStack;
beforeAll(async () => {
  stack = await testStack();
});

const setRole = (who: Person, organization: Organization, whom: Person, role: string) =>
  as(stack, who, (tx) => tx`select public.set_member_role(${organization.id}, ${whom.id}, ${role}::text::public.organization_role)`);
const remove = (who: Person, organization: Organization, whom: Person) =>
  as(stack, who, (tx) => tx`select public.remove_member(${organization.id}, ${whom.id})`);
const roleOf = async (organization: Organization, whom: Person) => {
  const [row] = await stack.sql`
    select role from public.organization_members where organization_id = ${organization.id} and user_id = ${whom.id}`;
  return row?.role as string | undefined;
};

describe("the permission table", () => {
  test("is what the roles are described as", async () => {
    const rows = await stack.sql<{ role: string; list: string[] }[]>`
      select role::text, array_agg(permission::text order by permission::text) as list from public.role_permissions group by role`;
    const of = Object.fromEntries(rows.map((row) => [row.role, row.list]));
    const [all] = await stack.sql<{ list: string[] }[]>`
      select array_agg(p::text order by p::text) as list from unnest(enum_range(null::public.permission)) p`;
    const reads = all!.list.filter((permission) => permission.endsWith(".read"));
    const writes = ["alerts", "api_keys", "budgets", "connections", "members", "projects", "routing", "teams"].map(
      (what) => `${what}.write`,
    );
    expect(of).toEqual({
      owner: all!.list,
      admin: [...reads, ...writes, "assistant.use"].sort(),
      billing: [...reads, "billing.write"].sort(),
      member: ["assistant.use", "organization.read", "prices.read", "projects.read", "recommendations.read", "teams.read", "usage.read"],
      viewer: ["organization.read", "prices.read", "usage.read"],
    });
  });
});

describe("the last owner", () => {
  test("cannot step down, leave or be removed, by whatever road", async () => {
    const organization = await makeOrganization(stack);
    const { owner } = organization;
    const stuck = { code: "conflict", field: "role", message: "An organization needs an owner: make somebody else owner first." };
    expect(await refusal(setRole(owner, organization, owner, "admin"))).toEqual(stuck);
    expect(await refusal(remove(owner, organization, owner))).toEqual(stuck);
    expect(await refusal(stack.sql`delete from public.organization_members where organization_id = ${organization.id}`)).toEqual(stuck);
    expect(
      await refusal(stack.sql`update public.organization_members set role = 'viewer' where organization_id = ${organization.id}`),
    ).toEqual(stuck);
    expect(await refusal(stack.sql`delete from auth.users where id = ${owner.id}`)).toEqual(stuck);
    expect(await roleOf(organization, owner)).toBe("owner");
  });

  test("hands over and may then leave", async () => {
    const organization = await makeOrganization(stack);
    const next = await makeMember(stack, organization, "admin");
    await setRole(organization.owner, organization, next, "owner");
    await setRole(organization.owner, organization, organization.owner, "member");
    await remove(organization.owner, organization, organization.owner);
    expect(await roleOf(organization, organization.owner)).toBeUndefined();
    expect(await roleOf(organization, next)).toBe("owner");
  });

  test("is still there when two owners step down at the same moment, through functions or past them", async () => {
    const direct = (organization: Organization, whom: Person) => stack.sql`
      update public.organization_members set role = 'viewer' where organization_id = ${organization.id} and user_id = ${whom.id}`;
    for (const second of [
      (organization: Organization, whom: Person) => setRole(whom, organization, whom, "viewer"),
      (organization: Organization, whom: Person) => remove(whom, organization, whom),
      direct,
      (_: Organization, whom: Person) => stack.sql`delete from auth.users where id = ${whom.id}`,
    ]) {
      const organization = await makeOrganization(stack);
      const other = await makeMember(stack, organization, "owner");
      const { result, waited } = await interleave(
        stack,
        (tx) => tx`
          update public.organization_members set role = 'viewer'
          where organization_id = ${organization.id} and user_id = ${organization.owner.id}`,
        () => refusal(Promise.resolve(second(organization, other))),
      );
      expect([waited, result?.code]).toEqual([true, "conflict"]);
      expect(await roleOf(organization, other)).toBe("owner");
    }
  });

  test("goes with the organization when that is deleted", async () => {
    const { organization } = await makeTenant(stack);
    expect(
      await refusal(as(stack, organization.owner, (tx) => tx`select public.delete_organization(${organization.id}, 'another')`)),
    ).toMatchObject({ code: "invalid", field: "slug" });
    await as(stack, organization.owner, (tx) => tx`select public.delete_organization(${organization.id}, ${organization.slug})`);
    const tables = await stack.sql<{ name: string }[]>`
      select c.oid::regclass::text as name from pg_class c
      join pg_attribute a on a.attrelid = c.oid and a.attname = 'organization_id'
      where c.relnamespace in ('public'::regnamespace, 'private'::regnamespace) and c.relkind in ('r', 'p') and not c.relispartition`;
    expect(tables.length).toBeGreaterThan(8);
    for (const { name } of tables) {
      const rows = await stack.sql.unsafe(`select 1 from ${name} where organization_id = '${organization.id}'`);
      expect([name, rows.count]).toEqual([name, 0]);
    }
  });
});

describe("roles", () => {
  test("an admin changes everybody below owner, and touches or makes no owner", async () => {
    const organization = await makeOrganization(stack);
    const admin = await makeMember(stack, organization, "admin");
    const other = await makeMember(stack, organization, "viewer");
    for (const role of organizationRoles.filter((each) => each !== "owner")) {
      await setRole(admin, organization, other, role);
      expect(await roleOf(organization, other)).toBe(role);
    }
    const refused = { code: "forbidden", field: "role", message: "Only an owner may make or change an owner." };
    expect(await refusal(setRole(admin, organization, other, "owner"))).toEqual(refused);
    expect(await refusal(setRole(admin, organization, admin, "owner"))).toEqual(refused);
    expect(await refusal(setRole(admin, organization, organization.owner, "viewer"))).toEqual(refused);
    expect(await refusal(remove(admin, organization, organization.owner))).toMatchObject({ code: "forbidden" });
    expect(
      await refusal(as(stack, admin, (tx) => tx`select public.create_invitation(${organization.id}, 'x@example.com', 'owner')`)),
    ).toMatchObject({ code: "forbidden", field: "role" });
    await remove(admin, organization, other);
    expect(await roleOf(organization, other)).toBeUndefined();
  });

  test.each(["member", "viewer", "billing"] as const)("a %s leaves but removes nobody, and changes no role", async (role) => {
    const organization = await makeOrganization(stack);
    const person = await makeMember(stack, organization, role);
    const other = await makeMember(stack, organization, "viewer");
    expect(await refusal(remove(person, organization, other))).toMatchObject({ code: "forbidden" });
    expect(await refusal(setRole(person, organization, person, "admin"))).toMatchObject({ code: "forbidden" });
    await remove(person, organization, person);
    expect(await roleOf(organization, person)).toBeUndefined();
    expect(await refusal(remove(person, organization, person))).toMatchObject({ code: "not_found" });
  });

  test("whoever leaves, leaves the teams as well", async () => {
    const organization = await makeOrganization(stack);
    const person = await makeMember(stack, organization, "member");
    await as(stack, organization.owner, async (tx) => {
      const [team] = await tx`insert into public.teams (organization_id, slug, name) values (${organization.id}, 'a', 'A') returning id`;
      await tx`insert into public.team_members (organization_id, team_id, user_id) values (${organization.id}, ${team!.id}, ${person.id})`;
    });
    await remove(organization.owner, organization, person);
    expect((await stack.sql`select 1 from public.team_members where user_id = ${person.id}`).count).toBe(0);
  });

  test("the list shows who is what, owners first", async () => {
    const organization = await makeOrganization(stack);
    const named = await makeUser(stack, { name: "Ada Lovelace" });
    await stack.sql`
      insert into public.organization_members (organization_id, user_id, role) values (${organization.id}, ${named.id}, 'billing')`;
    const rows = await as(stack, named, (tx) => tx`select * from public.organization_members_list(${organization.id})`);
    expect(rows.map(({ user_id, email, name, role }) => ({ user_id, email, name, role }))).toEqual([
      { user_id: organization.owner.id, email: organization.owner.email, name: null, role: "owner" },
      { user_id: named.id, email: named.email, name: "Ada Lovelace", role: "billing" },
    ]);
  });
});

describe("an organization", () => {
  const create = (who: Person, name: unknown, slug: string | null = null, zone: string | null = "UTC") =>
    as(stack, who, (tx) => tx`select * from public.create_organization(${name as string}, ${slug}, ${zone})`);

  test("gets a slug of its name, another one when that is taken, and none that a page of ours has", async () => {
    const person = await makeUser(stack);
    const unique = crypto.randomUUID().slice(0, 8);
    const [first] = await create(person, `  Größe & Söhne ${unique}!  `);
    const [second] = await create(person, `Größe & Söhne ${unique}`);
    expect(first).toMatchObject({ name: `Größe & Söhne ${unique}!`, slug: `grosse-sohne-${unique}` });
    expect(second!.slug).toMatch(new RegExp(`^grosse-sohne-${unique}-[0-9a-f]{6}$`));
    expect((await create(person, "New"))[0]!.slug).toMatch(/^new-[0-9a-f]{6}$/);
    expect((await create(person, "東京"))[0]!.slug).toMatch(/^organization(-[0-9a-f]{6})?$/);
    expect(await refusal(create(person, "X", first!.slug as string))).toMatchObject({ code: "conflict", field: "slug" });
    expect(await refusal(create(person, "X", "login"))).toMatchObject({ code: "invalid", field: "slug" });
    for (const slug of ["", "-a", "a-", "A", "a_b", "a/b", "a".repeat(49)])
      expect([slug, await refusal(create(person, "X", slug))]).toEqual([slug, expect.objectContaining({ code: "invalid", field: "slug" })]);
    for (const name of ["", "   ", "\t", "x".repeat(81), "two\nlines", null])
      expect(await refusal(create(person, name))).toMatchObject({ code: "invalid", field: "name" });
  });

  test("counts its days in a zone that exists", async () => {
    const person = await makeUser(stack);
    const [made] = await create(person, "Clock", null, "Asia/Kathmandu");
    expect(made!.time_zone).toBe("Asia/Kathmandu");
    for (const zone of ["Mars/Olympus", "utc-3", "posix/UTC", "", "localtime"])
      expect([zone, await refusal(create(person, "Clock", null, zone))]).toEqual([
        zone,
        expect.objectContaining({ code: "invalid", field: "time_zone" }),
      ]);
    const update = (zone: string) =>
      as(stack, person, (tx) => tx`update public.organizations set time_zone = ${zone} where id = ${made!.id as string}`);
    expect(await refusal(update("Nowhere"))).toMatchObject({ code: "invalid", field: "time_zone" });
    expect(await refusal(update("America/New_York"))).toBeNull();
  });

  test("is made by its owner only as far as name and zone go", async () => {
    const organization = await makeOrganization(stack);
    for (const change of ["plan = 'enterprise'", "is_demo = true", "settings = '{}'", "slug = 'mine'", "currency = 'USD'"])
      expect([
        change,
        (await refusal(tryAs(stack, organization.owner, (tx) => tx.unsafe(`update public.organizations set ${change}`))))?.code,
      ]).toEqual([change, "42501"]);
  });

  test("is not made without end by one person", async () => {
    const person = await makeUser(stack);
    const refused = await refusal(
      as(stack, person, async (tx) => {
        for (let made = 0; made < 51; made += 1) await tx`select public.create_organization('Many')`;
      }),
    );
    expect(refused).toMatchObject({ code: "conflict", message: "You own 50 organizations already." });
  });
});
