import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { readWithKey } from "../../lib/api/read-with-key.ts";
import { recordUsage } from "../../lib/ingest/record-usage.ts";
import { organizationRoles } from "../../lib/orgs/schema.ts";
import { createDoorPool } from "../../lib/postgres/pool.ts";
import { readEvent } from "../../lib/usage/schema.ts";
import { as, makeApiKey, makeMember, type Person, tryAs } from "../../tests/support/people.ts";
import { refusal } from "../../tests/support/refusal.ts";
import { type TestStack, testStack } from "../../tests/support/stack.ts";
import { questions } from "./structure/calls.ts";
import { makeTenant, type Tenant } from "./structure/world.ts";

let stack: TestStack;
let door: ReturnType<typeof createDoorPool>;
let here: Tenant;
let there: Tenant;
let readKey: { hash: Buffer };

/** Answers whose rows carry no mark of the organization, so that only numbers tell them apart. */
const unmarked = [
  "list_held_prices",
  "list_periods",
  "list_price_commitments",
  "list_price_overrides",
  "list_prices",
  "list_re_ratings",
  "price_details",
  "price_facets",
  "unpriced_models",
  "verify_usage",
];

beforeAll(async () => {
  stack = await testStack();
  door = createDoorPool(stack.databaseUrl, { max: 1 });
  here = await makeTenant(stack);
  there = await makeTenant(stack);
  // Two organizations that send the same ids, with other content: everything of one of them carries its mark.
  for (const [tenant, mark, tokens] of [
    [here, "here", 1_000],
    [there, "there", 999_000],
  ] as const) {
    const key = await makeApiKey(stack, tenant.organization, { scopes: ["ingest"], name: `key-${mark}` });
    const { event } = readEvent({
      request_id: "same-id",
      timestamp: new Date().toISOString(),
      provider: "openai",
      model: "gpt-4o",
      input_tokens: tokens,
      output_tokens: tokens,
      feature: `feature-${mark}`,
      user_id: `user-${mark}`,
      team_id: tenant.teamId,
      latency_ms: 100,
    });
    const [outcome] = await recordUsage(door, [{ keyHash: key.hash, events: [event!] }], { source: "sdk" });
    expect(outcome).toMatchObject({ outcome: "ok", results: [{ code: "accepted" }] });
  }
  readKey = await makeApiKey(stack, here.organization, { scopes: ["read"] });
});
afterAll(() => door.end());

/** The answer as text, but for the moment it was given. */
const text = (rows: unknown) => JSON.stringify(rows).replace(/"as_of":"[^"]*"/, "");
const answer = async (who: Person, name: string, organizationId = here.organization.id) =>
  text(await tryAs(stack, who, (tx) => tx.unsafe(`select * from public.${questions[name]}`, [organizationId])));

describe.each(Object.keys(questions))("%s", (name) => {
  test("answers each role from the rows of its own organization alone", async () => {
    const own = await answer(here.people.owner, name);
    expect(own).not.toMatch(/999000|1998000|-there/);
    if (!unmarked.includes(name)) {
      expect(own).toMatch(/feature-here|1000|2000|"events_total":"?1"?/);
      expect(await answer(there.people.owner, name, there.organization.id)).not.toBe(own);
    }
    for (const role of organizationRoles) expect([role, await answer(here.people[role], name)]).toEqual([role, own]);
  });

  test("answers a key with the scope read like a viewer, and for its own organization only", async () => {
    const ask = (organizationId: string) =>
      readWithKey(door, readKey.hash, async (tx) =>
        text(await tx.unsafe(`select * from public.${questions[name]}`, [organizationId])),
      ).then(({ answer: found }) => found);
    expect(await ask(here.organization.id)).toBe(await answer(here.people.viewer, name));
    const foreign = await refusal(ask(there.organization.id));
    expect(foreign).toEqual(await refusal(ask(crypto.randomUUID())));
    expect(foreign).toMatchObject({ code: "not_found" });
  });

  test("stops at once for a member who was removed", async () => {
    const person = await makeMember(stack, here.organization, "viewer");
    expect(await answer(person, name)).toBe(await answer(here.people.viewer, name));
    await as(stack, here.organization.owner, (tx) => tx`select public.remove_member(${here.organization.id}, ${person.id})`);
    expect(await refusal(answer(person, name))).toMatchObject({ code: "not_found" });
  });
});

test("nobody reads usage past the questions", async () => {
  const views = await stack.sql<{ name: string }[]>`
    select c.oid::regclass::text as name from pg_class c
    where c.relnamespace = 'private'::regnamespace and c.relkind = 'v' and has_table_privilege('authenticated', c.oid, 'select')
      and exists (select from pg_attribute a where a.attrelid = c.oid and a.attname = 'organization_id')`;
  expect(views.length).toBeGreaterThan(3);
  for (const { name } of views) {
    const rows = await tryAs(stack, here.people.viewer, (tx) =>
      tx.unsafe<{ id: string }[]>(`select distinct organization_id as id from ${name}`),
    );
    expect([name, rows.map(({ id }) => id).filter((id) => id !== here.organization.id)]).toEqual([name, []]);
  }
  for (const table of ["usage_records", "usage_rollups", "usage_keys", "price_cards", "api_key_secrets"])
    expect(await refusal(tryAs(stack, here.people.owner, (tx) => tx.unsafe(`select 1 from private.${table}`)))).toMatchObject({
      code: "42501",
    });
});
