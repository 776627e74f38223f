import { randomUUID } from "node:crypto";
import { beforeAll, describe, expect, test } from "vitest";
import { as, makeApiKey, makeMember, makeOrganization, type Organization } from "../../tests/support/people.ts";
import { type TestStack, testStack } from "../../tests/support/stack.ts";
import { decideHeldPrice, describeHeld, heldPrices } from "../seeds/held-prices.ts";
import { openMarket, putRate } from "./prices-market.ts";
import { event, send } from "./usage-sending.ts";

let stack: TestStack;
beforeAll(async () => {
  stack = await testStack();
});

interface Listed {
  provider: string;
  model: string;
  unit: string;
  list_rate: string | null;
  contracted_rate: string | null;
  discount_percent: string | null;
  state: string;
  source: string;
  total_rows: string;
}

const prices = (organization: Organization, args: Record<string, unknown> = {}) =>
  as(
    stack,
    organization.owner,
    (tx) => tx<Listed[]>`
      select provider, model, unit, trim_scale(list_rate::numeric)::text as list_rate, contracted_rate, discount_percent, state, source, total_rows
      from public.list_prices(${organization.id}, ${(args.search as string) ?? null}, ${(args.provider as string) ?? null},
        ${(args.unit as string) ?? null}, ${(args.tier as string) ?? null}, ${(args.state as string) ?? "current"},
        ${(args.scope as string) ?? "all"}, ${(args.limit as number) ?? 100}, ${(args.offset as number) ?? 0})`,
  );

const override = (
  organization: Organization,
  provider: string | null,
  model: string | null,
  unit: string | null,
  rate: string | null,
  off: string | null,
) =>
  as(
    stack,
    organization.owner,
    (tx) => tx`select public.set_price_override(${organization.id}, ${provider}, ${model}, ${unit}, ${rate}, ${off})`,
  );

describe("list_prices", () => {
  test("shows a price in force, one to come, one that ended and one that was believed, each in its place", async () => {
    const organization = await makeOrganization(stack);
    const market = await openMarket(stack.sql);
    const now = Date.now();
    const day = (days: number) => new Date(now + days * 86_400_000).toISOString();
    await putRate(stack.sql, market, "input_tokens", "0.000004", { valid: `[${day(-90)},${day(-30)})` });
    await putRate(stack.sql, market, "input_tokens", "0.000003", { valid: `[${day(-30)},${day(10)})` });
    await putRate(stack.sql, market, "input_tokens", "0.000002", { valid: `[${day(10)},)` });
    await putRate(stack.sql, market, "input_tokens", "0.0000025", { valid: `[${day(-30)},${day(10)})` });
    const rates = async (state: string) =>
      (await prices(organization, { provider: market.provider, state })).map((row) => [row.list_rate, row.state]);
    expect(await rates("current")).toEqual([["0.0000025", "current"]]);
    expect(await rates("future")).toEqual([["0.000002", "future"]]);
    expect(await rates("past")).toEqual([
      ["0.000004", "past"],
      ["0.000003", "superseded"],
    ]);
    expect(await rates("all")).toHaveLength(4);
  });

  test("puts what was agreed beside the list: a rate, a discount, and what nobody lists", async () => {
    const organization = await makeOrganization(stack);
    const market = await openMarket(stack.sql, { input_tokens: "0.000004", output_tokens: "0.000008" });
    await override(organization, market.provider, null, null, null, "12.5");
    await override(organization, market.provider, market.model, "output_tokens", "0.000007", null);
    await override(organization, market.provider, "own-model", "input_tokens", "0.000001", null);
    const rows = await prices(organization, { provider: market.provider });
    expect(
      rows.map(({ model, unit, list_rate, contracted_rate, discount_percent }) => [
        model,
        unit,
        list_rate,
        contracted_rate,
        discount_percent,
      ]),
    ).toEqual([
      [market.model, "input_tokens", "0.000004", "0.0000035", "12.5"],
      [market.model, "output_tokens", "0.000008", "0.000007", null],
      ["own-model", "input_tokens", null, "0.000001", null],
    ]);
    expect(await prices(organization, { provider: market.provider, scope: "contracted" })).toHaveLength(3);
    const other = await makeOrganization(stack);
    expect((await prices(other, { provider: market.provider })).map((row) => row.contracted_rate)).toEqual([null, null]);
  });

  test("finds by words in any order, narrows by unit and use, and pages without losing a row", async () => {
    const organization = await makeOrganization(stack);
    const found = await prices(organization, { search: "OUTPUT gpt-4o openai", limit: 1000 });
    expect(found.length).toBeGreaterThan(1);
    expect(
      found.every((row) => /openai/.test(row.provider + row.model) && row.model.includes("gpt-4o") && row.unit.startsWith("output")),
    ).toBe(true);
    const paged = [];
    for (let offset = 0; offset < found.length; offset += 3) {
      paged.push(...(await prices(organization, { search: "OUTPUT gpt-4o openai", limit: 3, offset })));
    }
    expect(paged).toEqual(found);
    expect(Number(found[0]!.total_rows)).toBe(found.length);

    expect(await prices(organization, { scope: "used" })).toEqual([]);
    const key = await makeApiKey(stack, organization);
    await send(stack, key, [event({ provider: "OpenAI", model: "gpt-4o-2024-08-06" })]);
    const used = await prices(organization, { scope: "used", unit: "input_tokens" });
    expect(new Set(used.map(({ provider, model }) => `${provider} ${model}`))).toEqual(new Set(["openai gpt-4o"]));
  });

  test.each([
    ["a state", { state: "someday" }],
    ["a scope", { scope: "mine" }],
    ["a limit", { limit: 100_000 }],
  ])("refuses %s that does not exist", async (_, args) => {
    const organization = await makeOrganization(stack);
    await expect(prices(organization, args)).rejects.toMatchObject({ code: "PT400" });
  });
});

describe("price_details", () => {
  const details = async (organization: Organization, provider: string, model: string) => {
    const [row] = await as(
      stack,
      organization.owner,
      (tx) => tx<{ details: Record<string, unknown> | null }[]>`
        select public.price_details(${organization.id}, ${provider}, ${model}) as details`,
    );
    return row!.details as {
      matched_alias: string;
      is_exact: boolean;
      model: string;
      aliases: unknown[];
      tiers: { unit: string; service_tier: string; rate: string; list_rate: string; multipliers: unknown[] }[];
      history: { state: string }[];
    } | null;
  };

  test("says which name matched, and what every tier costs this organization", async () => {
    const organization = await makeOrganization(stack);
    await override(organization, "openai", "gpt-4o", null, null, "10");
    const found = await details(organization, "OpenAI", "GPT-4o-2024-08-06");
    expect(found).toMatchObject({ provider: "openai", model: "gpt-4o", matched_alias: "gpt-4o-2024-08-06", is_exact: true });
    const rate = (tier: string, unit: string) => found!.tiers.find((line) => line.service_tier === tier && line.unit === unit)?.rate;
    expect(rate("standard", "input_tokens")).toBe("0.00000225");
    expect(rate("batch", "input_tokens")).toBe("0.000001125");
    expect(rate("priority", "output_tokens")).toBe("0.0000153");
    expect(found!.history.length).toBeGreaterThanOrEqual(3);
  });

  test("knows the book's own name of a model, and nothing of an unknown one", async () => {
    const organization = await makeOrganization(stack);
    expect((await details(organization, "aws", "regional.anthropic.claude-haiku-4-5-20251001-v1:0"))?.tiers.length).toBeGreaterThan(0);
    expect(await details(organization, "openai", "gpt-99")).toBeNull();
    expect(await details(organization, "nobody", "gpt-4o")).toBeNull();
  });
});

test("unpriced_models says what has no price, why, and nothing once it has one", async () => {
  const organization = await makeOrganization(stack);
  const key = await makeApiKey(stack, organization);
  const model = `mystery-${randomUUID()}`;
  await send(stack, key, [
    event({ provider: "acme-lab", model }),
    event({ provider: "acme-lab", model }),
    event({ provider: "openai", model }),
    event({ provider: "openai", model: "whisper-1" }),
    event(),
  ]);
  const unpriced = () =>
    as(
      stack,
      organization.owner,
      (tx) => tx`select provider, model, reason, requests, unpriced_requests, tokens from public.unpriced_models(${organization.id})`,
    );
  expect(await unpriced()).toEqual([
    { provider: "acme-lab", model, reason: "provider", requests: "2", unpriced_requests: "2", tokens: "2600" },
    { provider: "openai", model, reason: "model", requests: "1", unpriced_requests: "1", tokens: "1300" },
    { provider: "openai", model: "whisper-1", reason: "unit", requests: "1", unpriced_requests: "1", tokens: "1300" },
  ]);
  for (const unit of ["input_tokens", "output_tokens"]) await override(organization, "acme-lab", model, unit, "0.000001", null);
  await stack.sql`select private.heal_unpriced()`;
  expect((await unpriced()).map((row) => row.provider)).toEqual(["openai", "openai"]);
});

describe("commitments", () => {
  test("count what was spent with their provider since they began, and are closed, not deleted", async () => {
    const organization = await makeOrganization(stack);
    const key = await makeApiKey(stack, organization);
    await send(stack, key, [
      event({ provider: "openai", model: "gpt-4o", input_tokens: 1_000_000, cached_input_tokens: 0, output_tokens: 0 }),
      event({ provider: "anthropic", model: "claude-opus-5", input_tokens: 1_000_000, cached_input_tokens: 0, output_tokens: 0 }),
    ]);
    const commit = (provider: string | null, amount: string) =>
      as(stack, organization.owner, async (tx) => {
        const [row] = await tx<{ id: string }[]>`
          select public.set_price_commitment(${organization.id}, ${amount}, 'month', now() - interval '90 days', null, ${provider}, 'deal') as id`;
        return row!.id;
      });
    const listed = () =>
      as(
        stack,
        organization.owner,
        (tx) => tx`select provider, amount, spent, remaining from public.list_price_commitments(${organization.id})`,
      );
    const first = await commit("OpenAI", "10");
    await commit(null, "5");
    expect(await listed()).toEqual([
      { provider: null, amount: "5", spent: "7.5", remaining: "0" },
      { provider: "openai", amount: "10", spent: "2.5", remaining: "7.5" },
    ]);
    await as(stack, organization.owner, (tx) => tx`select public.end_price_commitment(${organization.id}, ${first})`);
    expect(await listed()).toHaveLength(1);
    const audited = await stack.sql`
      select action from public.audit_log where organization_id = ${organization.id} and entity_type = 'price_commitment' order by occurred_at`;
    expect(audited.map((row) => row.action)).toEqual(["price_commitment.created", "price_commitment.created", "price_commitment.updated"]);
    await expect(
      as(stack, organization.owner, (tx) => tx`select public.end_price_commitment(${organization.id}, ${first})`),
    ).rejects.toMatchObject({ code: "PT404" });
    const admin = await makeMember(stack, organization, "admin");
    await expect(
      as(stack, admin, (tx) => tx`select public.set_price_commitment(${organization.id}, 1, 'month', now())`),
    ).rejects.toMatchObject({ code: "PT403" });
  });
});

test("a refresh that moves a price too far is held, seen by those who use the model, and goes live only when somebody says so", async () => {
  const organization = await makeOrganization(stack);
  const key = await makeApiKey(stack, organization);
  const market = await openMarket(stack.sql);
  const refresh = (input: string, cached: string | null) => {
    const rate = (unit: string, value: string) => ({ platform: market.provider, model: market.model, unit, rate: value, source: "test" });
    const rates = [rate("input_tokens", input), ...(cached === null ? [] : [rate("cached_input_tokens", cached)])];
    const book = JSON.stringify({ providers: [], fallbacks: [], multipliers: [], aliases: [], rates });
    return stack.sql`select * from private.import_price_catalogue(${book}::text::jsonb, 'test')`;
  };
  await refresh("0.000004", "0.000001");
  await send(stack, key, [event({ provider: market.provider, model: market.model, output_tokens: 0 })]);
  await refresh("0.0000049", null);
  const held = () =>
    as(
      stack,
      organization.owner,
      (tx) => tx<{ id: string; is_used: boolean; diff: unknown }[]>`
        select id, is_used, diff from public.list_held_prices(${organization.id}) where provider = ${market.provider}`,
    );
  const [first] = await held();
  expect(first).toMatchObject({
    is_used: true,
    diff: [
      { reason: "dropped", unit: "cached_input_tokens", was: "0.000001" },
      { reason: "moved", unit: "input_tokens", was: "0.000004", becomes: "0.0000049" },
    ],
  });
  const live = async () => (await prices(organization, { provider: market.provider })).map((row) => [row.unit, row.list_rate]);
  const before = [
    ["cached_input_tokens", "0.000001"],
    ["input_tokens", "0.000004"],
  ];
  expect(await live()).toEqual(before);
  const waiting = (await heldPrices(stack.sql)).find((entry) => entry.platform === market.provider)!;
  expect(describeHeld(waiting)).toEqual([
    `${first!.id}\t${market.provider} ${market.model}\tcached_input_tokens\t0.000001 → dropped`,
    `${first!.id}\t${market.provider} ${market.model}\tinput_tokens\t0.000004 → 0.0000049`,
  ]);
  await decideHeldPrice(stack.sql, first!.id, false, "operator");
  expect([await held(), await live()]).toEqual([[], before]);

  await refresh("0.0000049", null);
  const [second] = await held();
  await decideHeldPrice(stack.sql, second!.id, true, "operator");
  expect([await held(), await live()]).toEqual([[], [["input_tokens", "0.0000049"]]]);
  await expect(decideHeldPrice(stack.sql, second!.id, true, "operator")).rejects.toMatchObject({ code: "P0002" });
});
