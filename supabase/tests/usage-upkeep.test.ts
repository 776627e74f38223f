import { randomUUID } from "node:crypto";
import { beforeAll, describe, expect, test } from "vitest";
import { as, makeApiKey, makeMember, makeOrganization } from "../../tests/support/people.ts";
import { type TestStack, testStack } from "../../tests/support/stack.ts";
import { differences, event, send } from "./usage-sending.ts";

let stack: TestStack;
beforeAll(async () => {
  stack = await testStack();
});

async function tenantWithUsage() {
  const organization = await makeOrganization(stack, { timeZone: "America/New_York" });
  const key = await makeApiKey(stack, organization, { scopes: ["ingest"] });
  await send(
    stack,
    key,
    Array.from({ length: 80 }, (_, n) =>
      event({
        request_id: `${n}`,
        timestamp: new Date(Date.now() - n * 3_000_000).toISOString(),
        model: ["gpt-4o", "gpt-4o-mini"][n % 2],
        feature: n % 3 ? `f${n % 3}` : undefined,
        user_id: `u${n % 7}`,
        latency_ms: 50 + n * 37,
        status: n % 11 ? "success" : "error",
      }),
    ),
  );
  return { organization, key };
}

const digest = async (id: string) => {
  const [row] = await stack.sql`
    select md5(string_agg(t::text, ' ' order by t.rollup, t.bucket, t.key, t.provider)) as digest, count(*) as cells
    from private.usage_rollups t where t.organization_id = ${id}`;
  return row;
};

describe("verify_usage", () => {
  const corruptions: [string, (id: string) => Promise<unknown>][] = [
    [
      "a cell that counts too much",
      (id) => stack.sql`update private.usage_rollups set requests = requests + 1 where organization_id = ${id} and rollup = 'total'`,
    ],
    [
      "a cost off by the last digit",
      (id) => stack.sql`update private.usage_rollup_model set cost_output = cost_output + 1e-18 where organization_id = ${id}`,
    ],
    [
      "a histogram with another latency",
      (id) => stack.sql`update private.usage_rollup_feature set latency = latency + 1 where organization_id = ${id}`,
    ],
    ["a missing cell", (id) => stack.sql`delete from private.usage_rollup_end_user where organization_id = ${id} and key = 'u3'`],
    [
      "a cell of nothing",
      (id) => stack.sql`
      insert into private.usage_rollups select r.rollup, r.organization_id, r.bucket, 'ghost', r.provider, r.requests, r.errors, 0,0,0,0,0,0,0,0,0, 0,0,0,0,0, 0,0,0,0,0, 0
      from private.usage_rollup_environment r where organization_id = ${id} limit 1`,
    ],
    ["a record that vanished", (id) => stack.sql`delete from private.usage_records where organization_id = ${id} and request_id = '5'`],
    [
      "a record that was moved",
      (id) => stack.sql`update private.usage_records set feature = 'other' where organization_id = ${id} and request_id = '5'`,
    ],
    [
      "a key that vanished",
      (id) => stack.sql`delete from private.usage_keys where organization_id = ${id} and key = private.usage_key(${id}, '5')`,
    ],
    [
      "a cost that is not its components' sum",
      (id) => stack.sql`update private.usage_records set cost = cost + 1e-12 where organization_id = ${id} and request_id = '5'`,
    ],
  ];
  test.each(corruptions)("finds %s", async (_, corrupt) => {
    const { organization } = await tenantWithUsage();
    const verify = () => as(stack, organization.owner, (tx) => tx`select * from public.verify_usage(${organization.id})`);
    expect(await verify()).toEqual([]);
    await corrupt(organization.id);
    expect((await verify()).length).toBeGreaterThan(0);
  });

  test("answers members only", async () => {
    const { organization } = await tenantWithUsage();
    const stranger = (await makeOrganization(stack)).owner;
    const viewer = await makeMember(stack, organization, "viewer");
    expect(await as(stack, viewer, (tx) => tx`select * from public.verify_usage(${organization.id})`)).toEqual([]);
    const refused = (id: string) =>
      as(stack, stranger, (tx) => tx`select * from public.verify_usage(${id})`).then(
        () => "answered",
        (error) => `${error.code} ${error.message}`,
      );
    expect(await refused(organization.id)).toBe(await refused(randomUUID()));
    expect(await refused(organization.id)).toMatch(/^PT404/);
  });
});

test("rebuilding ends in the same bytes as recording, whole or in part, and repairs", async () => {
  const { organization } = await tenantWithUsage();
  const recorded = await digest(organization.id);
  const rebuild = (from: string, to: string) =>
    stack.sql`select private.rebuild_rollups(${organization.id}, ${from}::text::timestamptz, ${to}::text::timestamptz)`;
  await rebuild("-infinity", "infinity");
  expect(await digest(organization.id)).toEqual(recorded);
  await stack.sql`delete from private.usage_rollups where organization_id = ${organization.id} and rollup in ('total', 'end_user')`;
  await rebuild(new Date(Date.now() - 40 * 3_600_000).toISOString(), new Date(Date.now() - 20 * 3_600_000).toISOString());
  expect((await differences(stack, organization)).length).toBeGreaterThan(0);
  await rebuild("-infinity", "infinity");
  expect(await digest(organization.id)).toEqual(recorded);
});

test("what had no price is priced when one arrives, exactly, once, and journaled", async () => {
  const organization = await makeOrganization(stack);
  const key = await makeApiKey(stack, organization, { scopes: ["ingest"] });
  const model = `healing-${randomUUID()}`;
  await send(stack, key, [
    ...Array.from({ length: 25 }, (_, n) =>
      event({ request_id: `u${n}`, model, user_id: `u${n % 3}`, input_tokens: 1000 + n, cached_input_tokens: 0, output_tokens: 10 }),
    ),
    event({ request_id: "partial", model, is_partial: true, input_tokens: 100, cached_input_tokens: 0, output_tokens: 0 }),
    event({ request_id: "priced" }),
  ]);
  const cost = async () => {
    const [row] = await as(
      stack,
      organization.owner,
      (tx) => tx`
      select cost, unpriced_requests, not_exact_requests from public.spend_summary(${organization.id}, now() - interval '1 day', now() + interval '1 hour')`,
    );
    return { cost: row!.cost as string, unpriced: Number(row!.unpriced_requests), notExact: Number(row!.not_exact_requests) };
  };
  const before = await cost();
  expect(before).toMatchObject({ unpriced: 26, notExact: 26 });

  await stack.sql`
    insert into private.price_rates (platform, model, unit, rate, valid, source)
    values ('openai', ${model}, 'input_tokens', 0.000002, tstzrange(null, null), 'test'), ('openai', ${model}, 'output_tokens', 0.000008, tstzrange(null, null), 'test')`;
  await stack.sql`
    insert into private.model_aliases (platform, position, name, model, is_exact, source) values ('openai', 1, ${model}, ${model}, true, 'test')`;
  await stack.sql`select private.heal_unpriced(10)`;

  const tokens = Array.from({ length: 25 }, (_, n) => 1000 + n).reduce((a, b) => a + b, 0);
  const [expected] = await stack.sql`
    select trim_scale(${before.cost}::numeric + ${tokens} * 0.000002 + 25 * 10 * 0.000008 + 100 * 0.000002)::text as cost`;
  expect(await cost()).toEqual({ cost: expected!.cost, unpriced: 0, notExact: 1 });
  expect(await differences(stack, organization)).toEqual([]);
  const recorded = await digest(organization.id);
  await stack.sql`select private.rebuild_rollups(${organization.id})`;
  expect(await digest(organization.id)).toEqual(recorded);

  await stack.sql`select private.heal_unpriced()`;
  const [journal] = await stack.sql`
    select sum(records)::int as records, sum(cost_before)::text as before, trim_scale(sum(cost_after) + ${before.cost}::numeric)::text as after
    from private.cost_journal where organization_id = ${organization.id}`;
  expect(journal).toEqual({ records: 26, before: "0", after: expected!.cost });
});
