import fc from "fast-check";
import { expect, test } from "vitest";
import { type OrganizationRole, organizationRoles } from "../../lib/orgs/schema.ts";
import { as, makeOrganization, makeUser, type Person } from "../../tests/support/people.ts";
import { refusal } from "../../tests/support/refusal.ts";
import { testStack } from "../../tests/support/stack.ts";

type Step = { actor: number; target: number; role: OrganizationRole | "removed" };
type Members = Map<number, OrganizationRole>;

const writers: OrganizationRole[] = ["owner", "admin"];

/** What the rules say about a step, in the words of the specification: an error code, or null and the new state. */
function expected(members: Members, { actor, target, role }: Step): string | null {
  const own = members.get(actor);
  if (!own) return "not_found";
  const isLeaving = role === "removed" && actor === target;
  if (!isLeaving && !writers.includes(own)) return "forbidden";
  const held = members.get(target);
  if (!held) return "not_found";
  if ((held === "owner" || role === "owner") && own !== "owner") return "forbidden";
  const owners = [...members.values()].filter((each) => each === "owner").length;
  if (held === "owner" && role !== "owner" && owners === 1) return "conflict";
  if (role === "removed") members.delete(target);
  else members.set(target, role);
  return null;
}

test("any sequence of role changes and removals by anybody ends as the rules say, with an owner", async () => {
  const stack = await testStack();
  const people: Person[] = await Promise.all(Array.from({ length: 5 }, () => makeUser(stack)));
  const step: fc.Arbitrary<Step> = fc.record({
    actor: fc.nat(people.length - 1),
    target: fc.nat(people.length - 1),
    role: fc.constantFrom(...organizationRoles, "removed" as const),
  });
  const start = fc.array(fc.constantFrom(...organizationRoles), { minLength: 3, maxLength: people.length - 2 });

  await fc.assert(
    fc.asyncProperty(start, fc.array(step, { minLength: 5, maxLength: 25 }), async (roles, steps) => {
      const organization = await makeOrganization(stack, { owner: people[0]! });
      const members: Members = new Map([[0, "owner"]]);
      for (const [index, role] of roles.entries()) {
        members.set(index + 1, role);
        await stack.sql`
          insert into public.organization_members (organization_id, user_id, role) values (${organization.id}, ${people[index + 1]!.id}, ${role})`;
      }
      for (const each of steps) {
        const found = await refusal(
          as(stack, people[each.actor]!, (tx) =>
            each.role === "removed"
              ? tx`select public.remove_member(${organization.id}, ${people[each.target]!.id})`
              : tx`select public.set_member_role(${organization.id}, ${people[each.target]!.id}, ${each.role})`,
          ),
        );
        expect([each, found?.code ?? null]).toEqual([each, expected(members, each)]);
      }
      const rows = await stack.sql<{ user_id: string; role: string }[]>`
        select user_id, role from public.organization_members where organization_id = ${organization.id}`;
      expect(new Map(rows.map((row) => [people.findIndex(({ id }) => id === row.user_id), row.role]))).toEqual(members);
      expect(rows.some((row) => row.role === "owner")).toBe(true);
      await stack.sql`select private.erase_organization(${organization.id})`;
    }),
    { numRuns: 40 },
  );
});
