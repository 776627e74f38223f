import { randomUUID } from "node:crypto";
import { beforeAll, describe, expect, test } from "vitest";
import { as, makeApiKey, makeMember, makeOrganization, type Organization } from "../../tests/support/people.ts";
import { type TestStack, testStack } from "../../tests/support/stack.ts";
import { goldenCases, plain, readHand, sum } from "./prices-hand.ts";
import { openMarket, putRate } from "./prices-market.ts";
import { differences, event, send } from "./usage-sending.ts";

let stack: TestStack;
beforeAll(async () => {
  stack = await testStack();
});

interface Row {
  dimension: string;
  key: string;
  label: string;
  requests: string;
  compared_requests: string;
  changed_requests: string;
  estimated_requests: string;
  unpriced_requests: string;
  cost: string;
  cost_then: string;
  difference: string;
}

interface Scenario {
  filters?: Record<string, string[]>;
  provider?: string;
  model?: string;
  tier?: string;
  share?: string;
  cached?: string;
  at?: string;
}

const whatIf = (organization: Organization, s: Scenario = {}) =>
  as(
    stack,
    organization.owner,
    (tx) => tx<Row[]>`
      select * from public.what_if(${organization.id}, now() - interval '10 days', now() + interval '1 hour',
        ${JSON.stringify(s.filters ?? {})}::text::jsonb, ${s.provider ?? null}, ${s.model ?? null}, ${s.tier ?? null}, ${s.share ?? null},
        ${s.cached ?? null}, ${s.at ?? null})`,
  );
const whole = async (organization: Organization, s?: Scenario) => (await whatIf(organization, s)).find((row) => row.dimension === "none")!;

async function tenant() {
  const organization = await makeOrganization(stack);
  const key = await makeApiKey(stack, organization);
  await send(stack, key, [
    event({ model: "gpt-4o", input_tokens: 1000, cached_input_tokens: 200, output_tokens: 300, feature: "chat" }),
    event({ model: "gpt-4o", input_tokens: 2000, cached_input_tokens: 0, output_tokens: 100, feature: "search" }),
    event({ provider: "anthropic", model: "claude-opus-5", input_tokens: 500, cached_input_tokens: 0, output_tokens: 50, feature: "chat" }),
  ]);
  return { organization, key };
}

const cases: { name: string; scenario: Scenario; now: string; after: string; estimated?: string }[] = [
  {
    name: "nothing changed: nothing differs",
    scenario: {},
    now: "800 × 2.50/M + 200 × 1.25/M + 300 × 10/M + 2000 × 2.50/M + 100 × 10/M + 500 × 5/M + 50 × 25/M = 0.015",
    after: "800 × 2.50/M + 200 × 1.25/M + 300 × 10/M + 2000 × 2.50/M + 100 × 10/M + 500 × 5/M + 50 × 25/M = 0.015",
  },
  {
    name: "another model of the same vendor, for what used one model",
    scenario: { filters: { model: ["gpt-4o"] }, provider: "openai", model: "gpt-4o-mini" },
    now: "800 × 2.50/M + 200 × 1.25/M + 300 × 10/M + 2000 × 2.50/M + 100 × 10/M = 0.01125",
    after: "800 × 0.15/M + 200 × 0.075/M + 300 × 0.60/M + 2000 × 0.15/M + 100 × 0.60/M = 0.000675",
  },
  {
    name: "another vendor's model for everything",
    scenario: { provider: "anthropic", model: "claude-haiku-4-5" },
    now: "800 × 2.50/M + 200 × 1.25/M + 300 × 10/M + 2000 × 2.50/M + 100 × 10/M + 500 × 5/M + 50 × 25/M = 0.015",
    after: "800 × 1/M + 200 × 0.10/M + 300 × 5/M + 2000 × 1/M + 100 × 5/M + 500 × 1/M + 50 × 5/M = 0.00557",
  },
  {
    name: "everything in batches",
    scenario: { tier: "batch" },
    now: "800 × 2.50/M + 200 × 1.25/M + 300 × 10/M + 2000 × 2.50/M + 100 × 10/M + 500 × 5/M + 50 × 25/M = 0.015",
    after: "7.5 × 1/k = 0.0075",
  },
  {
    name: "a third of it in batches",
    scenario: { tier: "batch", share: "0.3" },
    now: "15 × 1/k = 0.015",
    after: "15 × 1/k × 0.7 + 7.5 × 1/k × 0.3 = 0.01275",
  },
  {
    name: "half of the input read from the cache",
    scenario: { filters: { model: ["gpt-4o"] }, cached: "0.5" },
    now: "800 × 2.50/M + 200 × 1.25/M + 300 × 10/M + 2000 × 2.50/M + 100 × 10/M = 0.01125",
    after: "500 × 2.50/M + 500 × 1.25/M + 300 × 10/M + 1000 × 2.50/M + 1000 × 1.25/M + 100 × 10/M = 0.009625",
  },
  {
    name: "a tier nobody sells for the model is an estimate",
    scenario: { filters: { model: ["gpt-4o"] }, tier: "flex" },
    now: "800 × 2.50/M + 200 × 1.25/M + 300 × 10/M + 2000 × 2.50/M + 100 × 10/M = 0.01125",
    after: "800 × 2.50/M + 200 × 1.25/M + 300 × 10/M + 2000 × 2.50/M + 100 × 10/M = 0.01125",
    estimated: "2",
  },
  {
    name: "a small model in batches with a warm cache",
    scenario: { filters: { model: ["gpt-4o"] }, provider: "openai", model: "gpt-4o-mini", tier: "batch", cached: "0.5" },
    now: "800 × 2.50/M + 200 × 1.25/M + 300 × 10/M + 2000 × 2.50/M + 100 × 10/M = 0.01125",
    after:
      "500 × 0.15/M × 0.5 + 500 × 0.075/M × 0.5 + 300 × 0.60/M × 0.5 + 1000 × 0.15/M × 0.5 + 1000 × 0.075/M × 0.5 + 100 × 0.60/M × 0.5 = 0.00028875",
  },
];

describe("what_if answers what the hand calculation says", () => {
  test.each(cases)("$name", async ({ scenario, now, after, estimated = "0" }) => {
    const { organization } = await tenant();
    const [cost, costThen] = [readHand(now), readHand(after)];
    expect([cost.sum, costThen.sum], "the fixture's own arithmetic").toEqual([cost.claimed, costThen.claimed]);
    const rows = await whatIf(organization, scenario);
    const all = rows.find((row) => row.dimension === "none")!;
    expect(all).toMatchObject({ cost: cost.claimed, cost_then: costThen.claimed, unpriced_requests: "0", estimated_requests: estimated });
    expect(sum([all.cost, all.difference])).toBe(plain(all.cost_then));
    for (const dimension of ["team", "feature", "model"]) {
      const parts = rows.filter((row) => row.dimension === dimension);
      for (const column of ["cost", "cost_then", "difference"] as const) {
        expect([dimension, column, sum(parts.map((part) => part[column]))]).toEqual([dimension, column, plain(all[column])]);
      }
    }
  });
});

test("with nothing changed, every kind of request costs what it was recorded with", async () => {
  const organization = await makeOrganization(stack);
  const key = await makeApiKey(stack, organization);
  const sendable = new Set(["web_search_calls", "audio_seconds", "images"]);
  const events = goldenCases
    .filter(
      ({ agreements, usage }) =>
        !agreements && (usage.input_tokens ?? 0) <= 1e12 && Object.keys(usage.other_units ?? {}).every((unit) => sendable.has(unit)),
    )
    .flatMap(({ provider, model, service_tier, region, usage: { other_units, ...tokens } }) =>
      [1, 2, 3].map(() =>
        event({
          provider,
          model,
          service_tier,
          region,
          input_tokens: null,
          cached_input_tokens: null,
          output_tokens: null,
          ...tokens,
          ...other_units,
        }),
      ),
    );
  expect(events.length).toBeGreaterThan(400);
  await send(stack, key, events);
  const all = await whole(organization);
  expect(all).toMatchObject({ requests: String(events.length), changed_requests: "0", difference: "0" });
  expect(Number(all.unpriced_requests)).toBeGreaterThan(10);
  const [recorded] = await stack.sql`select sum(cost) as cost from private.usage_records where organization_id = ${organization.id}`;
  expect(plain(all.cost)).toBe(plain(recorded!.cost));
});

test("what has no price on one side is counted and left out, a hit in our own cache stays free", async () => {
  const { organization, key } = await tenant();
  await send(stack, key, [
    event({ model: `mystery-${randomUUID()}` }),
    event({ model: "gpt-4o", cache_hit: true, input_tokens: 1000, cached_input_tokens: 0, output_tokens: 10 }),
  ]);
  expect(await whole(organization)).toMatchObject({
    requests: "5",
    compared_requests: "4",
    unpriced_requests: "1",
    cost: "0.015",
    difference: "0",
  });
  const nobody = await whole(organization, { provider: "acme-lab", model: "none" });
  expect(nobody).toMatchObject({ requests: "5", compared_requests: "1", unpriced_requests: "4", cost: "0", cost_then: "0" });
});

test("prices of one moment instead of each request's own", async () => {
  const market = await openMarket(stack.sql);
  const now = Date.now();
  const iso = (hours: number) => new Date(now + hours * 3_600_000).toISOString();
  await putRate(stack.sql, market, "input_tokens", "0.000004", { valid: `(,${iso(-24)})` });
  await putRate(stack.sql, market, "input_tokens", "0.000001", { valid: `[${iso(-24)},)` });
  const organization = await makeOrganization(stack);
  const key = await makeApiKey(stack, organization);
  const sent = { provider: market.provider, model: market.model, input_tokens: 1_000_000, cached_input_tokens: 0, output_tokens: 0 };
  await send(stack, key, [event({ ...sent, timestamp: iso(-48) }), event({ ...sent, timestamp: iso(-1) })]);
  expect(await whole(organization)).toMatchObject({ cost: "5", cost_then: "5" });
  expect(await whole(organization, { at: iso(0) })).toMatchObject({ cost: "5", cost_then: "2", changed_requests: "1" });
  expect(await whole(organization, { at: iso(-100) })).toMatchObject({ cost: "5", cost_then: "8" });
});

test("a preview says what an agreement would change, and leaves no trace of it", async () => {
  const { organization } = await tenant();
  const preview = () =>
    as(
      stack,
      organization.owner,
      (tx) => tx<Row[]>`
        select * from public.preview_price_override(${organization.id}, now() - interval '10 days', now() + interval '1 hour', 'openai',
          'gpt-4o', p_discount_percent => 20)`,
    );
  const rows = await preview();
  expect(rows[0]).toMatchObject({ dimension: "none", cost: "0.015", cost_then: "0.01275", difference: "-0.00225" });
  expect(rows.filter((row) => row.dimension === "model").map(({ key, difference }) => [key, difference])).toEqual([
    ["gpt-4o", "-0.00225"],
    ["claude-opus-5", "0"],
  ]);
  const [left] = await stack.sql`
    select (select count(*) from private.price_contracts where organization_id = ${organization.id}) as contracts,
      (select count(*) from private.price_card_index where organization_id = ${organization.id}) as cards,
      (select count(*) from public.audit_log where organization_id = ${organization.id} and entity_type = 'price_override') as audited`;
  expect(left).toEqual({ contracts: "0", cards: "0", audited: "0" });
  expect(await whole(organization)).toMatchObject({ difference: "0" });
  expect(await differences(stack, organization)).toEqual([]);

  await as(
    stack,
    organization.owner,
    (tx) => tx`select public.set_price_override(${organization.id}, 'openai', 'gpt-4o', p_discount_percent => 20)`,
  );
  expect(await whole(organization), "once made, history differs from the book by just that").toMatchObject({
    cost: "0.015",
    difference: "-0.00225",
  });
});

test.each([
  ["a window without length", (id: string) => ["now()", "now()", "'{}'", "null", "null", id]],
  ["a filter nobody knows", (id: string) => ["now() - interval '1 day'", "now()", `'{"colour":["red"]}'`, "null", "null", id]],
  ["a model without its provider", (id: string) => ["now() - interval '1 day'", "now()", "'{}'", "null", "'gpt-4o'", id]],
])("refuses %s", async (_, args) => {
  const organization = await makeOrganization(stack);
  const [from, to, filters, provider, model] = args(organization.id);
  await expect(
    as(stack, organization.owner, (tx) =>
      tx.unsafe(`select * from public.what_if('${organization.id}', ${from}, ${to}, ${filters}, ${provider}, ${model})`),
    ),
  ).rejects.toMatchObject({ code: "PT400" });
});

test("previews are the owner's", async () => {
  const organization = await makeOrganization(stack);
  const admin = await makeMember(stack, organization, "admin");
  await expect(
    as(
      stack,
      admin,
      (tx) => tx`select * from public.preview_price_override(${organization.id}, now() - interval '1 day', now(), p_discount_percent => 5)`,
    ),
  ).rejects.toMatchObject({ code: "PT403" });
});
