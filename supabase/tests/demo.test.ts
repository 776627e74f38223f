import { beforeAll, describe, expect, test } from "vitest";
import { as, makeMember, makeOrganization, makeUser, tryAs } from "../../tests/support/people.ts";
import { refusal } from "../../tests/support/refusal.ts";
import { type TestStack, testStack } from "../../tests/support/stack.ts";

let stack: TestStack;
beforeAll(async () => {
  stack = await testStack();
});

const makeDemo = async () => {
  const organization = await makeOrganization(stack, { name: "Demo" });
  await stack.sql`update public.organizations set is_demo = true where id = ${organization.id}`;
  return organization;
};

describe("the demo organization", () => {
  test("is removed whole by its owner and only left by anyone else", async () => {
    const demo = await makeDemo();
    const viewer = await makeMember(stack, demo, "viewer");
    const remove = (who: typeof viewer) => as(stack, who, (tx) => tx`select public.remove_demo_organization(${demo.id}) as did`);
    const key = crypto.randomUUID();
    await stack.sql`insert into private.usage_keys (key, organization_id, "timestamp", content_hash) values (${key}, ${demo.id}, now(), 1)`;
    expect((await remove(viewer))[0]).toEqual({ did: "left" });
    expect((await stack.sql`select 1 from public.organizations where id = ${demo.id}`).count).toBe(1);
    expect(await refusal(remove(viewer))).toMatchObject({ code: "not_found" });
    expect((await stack.sql`select 1 from private.usage_keys where key = ${key}`).count).toBe(1);
    expect((await remove(demo.owner))[0]).toEqual({ did: "deleted" });
    expect((await stack.sql`select 1 from private.usage_keys where key = ${key}`).count).toBe(0);
    expect((await stack.sql`select 1 from public.organizations where id = ${demo.id}`).count).toBe(0);
  });

  test("is the only organization that this removes", async () => {
    const real = await makeOrganization(stack);
    for (const id of [real.id, crypto.randomUUID()])
      expect(await refusal(as(stack, real.owner, (tx) => tx`select public.remove_demo_organization(${id})`))).toMatchObject({
        code: "not_found",
      });
    expect((await stack.sql`select 1 from public.organizations where id = ${real.id}`).count).toBe(1);
  });

  test("is joined as a viewer, who changes nothing", async () => {
    const demo = await makeDemo();
    const person = await makeUser(stack);
    const seen = await tryAs(stack, person, async (tx) => {
      await tx`select public.join_demo_organization()`;
      const [role] = await tx`select role, is_demo from public.my_organizations()`;
      const changed = await tx`update public.organizations set name = 'Mine'`;
      return { ...role, changed: changed.count };
    });
    expect(seen).toEqual({ role: "viewer", is_demo: true, changed: 0 });
    await as(stack, demo.owner, (tx) => tx`select public.remove_demo_organization(${demo.id})`);
  });
});
