import { beforeAll, expect, test } from "vitest";
import { as, makeMember, makeOrganization, type Organization, type Person } from "../../tests/support/people.ts";
import { type TestStack, testStack } from "../../tests/support/stack.ts";

let stack: TestStack;
let organization: Organization;
let member: Person;
let viewer: Person;
beforeAll(async () => {
  stack = await testStack();
  organization = await makeOrganization(stack);
  member = await makeMember(stack, organization, "member");
  viewer = await makeMember(stack, organization, "viewer");
});

const save = (who: Person, name: string, { isShared = false, page = "explore", query = "by=team" } = {}) =>
  as(
    stack,
    who,
    (tx) => tx<{ id: string }[]>`select public.save_view(${organization.id}, ${name}, ${page}, ${query}, ${isShared}) as id`,
  ).then(([row]) => row!.id);
const remove = (who: Person, id: string) => as(stack, who, (tx) => tx`select public.remove_view(${organization.id}, ${id})`);
const seen = (who: Person) =>
  as(
    stack,
    who,
    (tx) => tx<{ name: string }[]>`select name from public.saved_views where organization_id = ${organization.id} order by name`,
  ).then((rows) => rows.map((row) => row.name));
const audited = async (name: string) =>
  (
    await stack.sql<{ action: string }[]>`
      select action from public.audit_log where organization_id = ${organization.id} and entity_type = 'saved_view' and entity_label = ${name}
      order by occurred_at, id`
  ).map((row) => row.action);

test("what one keeps for oneself nobody else sees, not even in the audit log; what is shared everyone does", async () => {
  await save(member, "mine");
  await save(member, "ours", { isShared: true });
  await save(viewer, "his");
  expect(await seen(member)).toEqual(["mine", "ours"]);
  expect(await seen(viewer)).toEqual(["his", "ours"]);
  expect(await seen(organization.owner)).toEqual(["ours"]);
  expect(await audited("mine")).toEqual([]);
  expect(await audited("ours")).toHaveLength(1);
});

test("the same name again replaces; sharing and its end are on record", async () => {
  const first = await save(member, "week", { query: "range=7d" });
  expect(await save(member, "week", { query: "range=7d&by=team", isShared: true })).toBe(first);
  expect(await save(member, "week", { query: "range=30d" })).toBe(first);
  const rows = await as(stack, member, (tx) => tx<{ query: string }[]>`select query from public.saved_views where id = ${first}`);
  expect(rows.map((row) => row.query)).toEqual(["range=30d"]);
  expect(await seen(viewer)).not.toContain("week");
  expect(await audited("week")).toHaveLength(2);
});

test("a viewer shares nothing; a shared view goes by its own person or the owner, a private one by its own alone", async () => {
  await expect(save(viewer, "loud", { isShared: true })).rejects.toThrow("does not allow");
  const shared = await save(member, "board", { isShared: true });
  const secret = await save(member, "secret");
  await expect(remove(viewer, shared)).rejects.toThrow("Not found");
  await expect(remove(organization.owner, secret)).rejects.toThrow("Not found");
  await remove(organization.owner, shared);
  await remove(member, secret);
  expect(await seen(member)).not.toContain("board");
});

test("only pages there are, and only a query string", async () => {
  await expect(save(member, "x", { page: "settings" })).rejects.toThrow("saved_views_page_known");
  await expect(save(member, "x", { query: "a b" })).rejects.toThrow("saved_views_query_shape");
  await expect(save(member, " ")).rejects.toThrow("saved_views_name_shape");
});
