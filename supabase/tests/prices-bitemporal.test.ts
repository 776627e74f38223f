import { beforeAll, describe, expect, test } from "vitest";
import { type TestStack, testStack } from "../../tests/support/stack.ts";
import { clock, type Market, openMarket, putRate } from "./prices-market.ts";
import { quoteOne, resolve } from "./prices-quote.ts";

let stack: TestStack;
beforeAll(async () => {
  stack = await testStack();
});

const at = "2026-05-05T12:00:00Z";
const costOf = async (market: Market, moment = at) =>
  (await quoteOne(stack.sql, { ...market, at: moment, usage: { input_tokens: 1000 } })).cost;

/** What a thousand input tokens cost at `moment` by what was known at `knownAt`. */
async function knownCost(market: Market, moment: string, knownAt: string): Promise<string | null> {
  const card = await resolve(stack.sql, { ...market, at: moment, knownAt });
  if (card === null) return null;
  const [row] = await stack.sql<
    { cost: string }[]
  >`select trim_scale(1000 * input_rate)::text as cost from private.price_cards where id = ${card}`;
  return row!.cost;
}

describe("a price that changes", () => {
  test("counts from its day on and leaves the time before alone", async () => {
    const market = await openMarket(stack.sql, { input_tokens: "0.000002" });
    await putRate(stack.sql, market, "input_tokens", "0.000001", { valid: "[2026-06-01Z,)" });
    expect(await costOf(market, "2026-05-31T23:59:59.999999Z")).toBe("0.002");
    expect(await costOf(market, "2026-06-01T00:00:00Z")).toBe("0.001");
  });

  test("back-dated re-rates only its interval", async () => {
    const market = await openMarket(stack.sql, { input_tokens: "0.000002" });
    await putRate(stack.sql, market, "input_tokens", "0.0000015", { valid: "[2026-05-01Z,2026-05-10Z)" });
    expect([
      await costOf(market, "2026-04-30T23:59:59Z"),
      await costOf(market, "2026-05-01T00:00:00Z"),
      await costOf(market, "2026-05-09T23:59:59Z"),
      await costOf(market, "2026-05-10T00:00:00Z"),
    ]).toEqual(["0.002", "0.0015", "0.0015", "0.002"]);
  });

  test("is believed from when we knew it: a report of an earlier day comes out as it was shown", async () => {
    const market = await openMarket(stack.sql, { input_tokens: "0.000002" });
    const before = await clock(stack.sql);
    await putRate(stack.sql, market, "input_tokens", "0.0000012345", { valid: "[2026-01-01Z,)" });
    const between = await clock(stack.sql);
    await putRate(stack.sql, market, "input_tokens", "0.000009", { valid: "[2026-01-01Z,)" });
    expect(await knownCost(market, at, before)).toBe("0.002");
    expect(await knownCost(market, at, between)).toBe("0.0012345");
    expect(await costOf(market)).toBe("0.009");
    expect(await knownCost(market, at, "2020-01-01Z")).toBeNull();
  });

  test("to come takes effect by itself", async () => {
    const market = await openMarket(stack.sql, { input_tokens: "0.000002" });
    await putRate(stack.sql, market, "input_tokens", "0.000005", { valid: "[2099-01-01Z,)" });
    expect(await costOf(market)).toBe("0.002");
    expect(await costOf(market, "2099-01-01T00:00:00Z")).toBe("0.005");
  });

  test("said twice changes nothing", async () => {
    const market = await openMarket(stack.sql);
    const first = await putRate(stack.sql, market, "input_tokens", "0.000002", { valid: "[2026-01-01Z,)" });
    expect(await putRate(stack.sql, market, "input_tokens", "0.0000020", { valid: "[2026-02-01Z,)" })).toBe(first);
    const [row] = await stack.sql`select count(*)::int as n from private.price_rates where platform = ${market.provider}`;
    expect(row!.n).toBe(1);
  });

  test("taken back leaves the usage unpriced, and yesterday's report as it was", async () => {
    const market = await openMarket(stack.sql);
    const id = await putRate(stack.sql, market, "input_tokens", "0.000002");
    const before = await clock(stack.sql);
    await stack.sql`select private.close_price_rate(${id}, '2026-05-01Z')`;
    expect(await costOf(market, "2026-04-30T00:00:00Z")).toBe("0.002");
    expect(await costOf(market)).toBeNull();
    expect(await knownCost(market, at, before)).toBe("0.002");
  });

  test("supersedes its predecessor, which points at it", async () => {
    const market = await openMarket(stack.sql);
    const old = await putRate(stack.sql, market, "input_tokens", "0.000002");
    const [row] = await stack.sql<{ id: string }[]>`select private.supersede_price_rate(${old}, 0.000003, '2026-05-01Z') as id`;
    const [closed] = await stack.sql`select superseded_by, upper_inf(known) as is_live from private.price_rates where id = ${old}`;
    expect(closed).toEqual({ superseded_by: row!.id, is_live: false });
    expect([await costOf(market, "2026-04-01Z"), await costOf(market)]).toEqual(["0.002", "0.003"]);
  });
});

describe("the book refuses", () => {
  test("two prices for one thing at one time", async () => {
    const market = await openMarket(stack.sql, { input_tokens: "0.000002" });
    await expect(
      stack.sql`insert into private.price_rates (platform, model, unit, rate, valid, source)
        values (${market.provider}, ${market.model}, 'input_tokens', 1, '[2026-01-01Z,)', 'test')`,
    ).rejects.toMatchObject({ code: "23P01" });
  });

  test.each([
    "update private.price_rates set rate = 1",
    "update private.price_rates set valid = '[2026-01-01,)'",
    "delete from private.price_rates",
  ])("%s", async (statement) => {
    const market = await openMarket(stack.sql, { input_tokens: "0.000002" });
    await expect(stack.sql.unsafe(`${statement} where platform = '${market.provider}'`)).rejects.toMatchObject({ code: "23001" });
    expect(await costOf(market)).toBe("0.002");
  });

  test("to reopen what was closed", async () => {
    const market = await openMarket(stack.sql);
    const id = await putRate(stack.sql, market, "input_tokens", "0.000002");
    await stack.sql`select private.close_price_rate(${id})`;
    await expect(stack.sql`update private.price_rates set known = tstzrange(lower(known), null) where id = ${id}`).rejects.toMatchObject({
      code: "23001",
    });
  });

  test("to change a card", async () => {
    const market = await openMarket(stack.sql, { input_tokens: "0.000002" });
    const { card_id } = await quoteOne(stack.sql, { ...market, at, usage: { input_tokens: 1 } });
    await expect(stack.sql`update private.price_cards set input_rate = 1 where id = ${card_id}`).rejects.toMatchObject({ code: "23001" });
  });

  test.each(["-1", "NaN", "Infinity"])("a rate of %s", async (rate) => {
    const market = await openMarket(stack.sql);
    await expect(putRate(stack.sql, market, "input_tokens", rate)).rejects.toMatchObject({ code: "23514" });
  });
});

test("a price that goes back to what it was is the same card again", async () => {
  const market = await openMarket(stack.sql, { input_tokens: "0.000002" });
  const first = await quoteOne(stack.sql, { ...market, at, usage: { input_tokens: 1 } });
  await putRate(stack.sql, market, "output_tokens", "0.000008", { valid: "[2099-01-01Z,)" });
  const again = await quoteOne(stack.sql, { ...market, at, usage: { input_tokens: 1 } });
  expect(again.card_id).toBe(first.card_id);
});

test("a window is kept on the vendor's clock through a change to daylight saving", async () => {
  const market = await openMarket(stack.sql);
  const nine = "{[32400,36000),[118800,122400),[205200,208800),[291600,295200),[378000,381600),[464400,468000),[550800,554400)}";
  const rest = "{[0,32400),[36000,118800),[122400,205200),[208800,291600),[295200,378000),[381600,464400),[468000,550800),[554400,604800)}";
  await putRate(stack.sql, market, "input_tokens", "0.000009", { week: nine, zone: "Europe/Berlin" });
  await putRate(stack.sql, market, "input_tokens", "0.000001", { week: rest, zone: "Europe/Berlin" });
  // 09:00 in Berlin is 08:00 UTC in winter and 07:00 UTC from 29 March 2026 on.
  const hours = ["2026-03-28T07:30Z", "2026-03-28T08:30Z", "2026-03-29T07:30Z", "2026-03-29T08:30Z"];
  const costs = [];
  for (const hour of hours) costs.push(await costOf(market, hour));
  expect(costs).toEqual(["0.001", "0.009", "0.009", "0.001"]);
});
