import postgres from "postgres";
import { beforeAll, describe, expect, test } from "vitest";
import { makeOrganization } from "../../tests/support/people.ts";
import { type TestStack, testStack } from "../../tests/support/stack.ts";
import { openMarket, putRate } from "./prices-market.ts";
import { quote, quoteOne } from "./prices-quote.ts";

let stack: TestStack;
beforeAll(async () => {
  stack = await testStack();
});

const at = "2026-10-05T12:00:00Z";
const ask = (market: { provider: string; model: string }, input = 1000) => ({ ...market, at, usage: { input_tokens: input } });

describe("the index of cards", () => {
  test("never outlives the price it was made of", async () => {
    const market = await openMarket(stack.sql, { input_tokens: "0.000001" });
    expect((await quoteOne(stack.sql, ask(market))).cost).toBe("0.001");
    await putRate(stack.sql, market, "input_tokens", "0.000003");
    expect((await quoteOne(stack.sql, ask(market))).cost).toBe("0.003");
  });

  test("forgets that something had no price as soon as it has one", async () => {
    const market = await openMarket(stack.sql);
    expect((await quoteOne(stack.sql, ask(market))).status).toBe("unpriced");
    await putRate(stack.sql, market, "input_tokens", "0.000001");
    expect((await quoteOne(stack.sql, ask(market))).cost).toBe("0.001");
    const named = { provider: market.provider, model: "model-2" };
    expect((await quoteOne(stack.sql, ask(named))).status).toBe("unpriced");
    await stack.sql`insert into private.model_aliases (platform, position, name, model, is_exact, source)
      values (${market.provider}, 1, 'model-2', 'model-1', true, 'test')`;
    expect((await quoteOne(stack.sql, ask(named))).cost).toBe("0.001");
  });

  test("tells healing what changed: platform, model and time", async () => {
    const market = await openMarket(stack.sql);
    await putRate(stack.sql, market, "input_tokens", "0.000001", { valid: "[2026-01-01Z,2027-01-01Z)" });
    const changes = await stack.sql`
      select model, valid::text, healed_at from private.price_changes where platform = ${market.provider} and valid is not null`;
    expect([...changes]).toEqual([{ model: "model-1", valid: '["2026-01-01 00:00:00+00","2027-01-01 00:00:00+00")', healed_at: null }]);
  });

  test("covers each size and moment once", async () => {
    const market = await openMarket(stack.sql);
    await putRate(stack.sql, market, "input_tokens", "0.000001", { context: "[0,100)" });
    await putRate(stack.sql, market, "input_tokens", "0.000002", { context: "[100,)" });
    const answers = await quote(stack.sql, [ask(market, 99), ask(market, 100), ask(market, 5), ask(market, 1_000_000)]);
    expect(answers.map((a) => a.cost)).toEqual(["0.000099", "0.0002", "0.000005", "2"]);
    const [row] = await stack.sql`select count(*)::int as n from private.price_card_index where provider = ${market.provider}`;
    expect(row!.n).toBe(2);
  });

  test("is filled once by sessions that need the same entries at the same time", async () => {
    const market = await openMarket(stack.sql, { input_tokens: "0.000001" });
    const sessions = Array.from({ length: 6 }, () => postgres(stack.databaseUrl, { max: 1, onnotice: () => {} }));
    try {
      const names = ["model-1", "MODEL-1", "Model-1", "nothing"];
      const costs = await Promise.all(
        sessions.map(async (sql, index) =>
          (
            await quote(
              sql,
              (index % 2 ? names : names.toReversed()).map((model) => ask({ provider: market.provider, model })),
            )
          ).map((a) => a.cost),
        ),
      );
      for (const [index, answer] of costs.entries())
        expect(index % 2 ? answer : answer.toReversed()).toEqual(["0.001", "0.001", "0.001", null]);
      const [row] = await stack.sql`select count(*)::int as n from private.price_card_index where provider = ${market.provider}`;
      expect(row!.n).toBe(4);
      const [cards] = await stack.sql`select count(*)::int as n from private.price_cards where platform = ${market.provider}`;
      expect(cards!.n).toBe(1);
    } finally {
      await Promise.all(sessions.map((sql) => sql.end()));
    }
  });

  test("gets no entry of an old price while a change is under way", async () => {
    const market = await openMarket(stack.sql, { input_tokens: "0.000001" });
    const [changer, reader] = [postgres(stack.databaseUrl, { max: 1 }), postgres(stack.databaseUrl, { max: 1 })];
    try {
      let release = () => {};
      const held = new Promise<void>((resolve) => {
        release = resolve;
      });
      let isChanged = () => {};
      const changed = new Promise<void>((resolve) => {
        isChanged = resolve;
      });
      const change = changer.begin(async (tx) => {
        await putRate(tx, market, "input_tokens", "0.000005");
        isChanged();
        await held;
      });
      await changed;
      let isAnswered = false;
      const answer = quoteOne(reader, ask(market)).then((a) => {
        isAnswered = true;
        return a;
      });
      await waitForLock(stack);
      expect(isAnswered).toBe(false);
      release();
      await change;
      expect((await answer).cost).toBe("0.005");
      expect((await quoteOne(stack.sql, ask(market))).cost).toBe("0.005");
    } finally {
      await Promise.all([changer.end(), reader.end()]);
    }
  });

  test("holds a list price once for all organizations without a contract", async () => {
    const market = await openMarket(stack.sql, { input_tokens: "0.000001" });
    const organizations = [await makeOrganization(stack), await makeOrganization(stack)];
    await quote(
      stack.sql,
      organizations.map((o) => ({ ...ask(market), organization_id: o.id })),
    );
    const [row] = await stack.sql`select count(*)::int as n from private.price_card_index where provider = ${market.provider}`;
    expect(row!.n).toBe(1);
  });
});

/** Waits until somebody waits for the price book. */
async function waitForLock({ sql }: TestStack): Promise<void> {
  const deadline = Date.now() + 10_000;
  while (Date.now() < deadline) {
    const [row] = await sql`select count(*)::int as n from pg_locks where locktype = 'advisory' and not granted`;
    if (row!.n > 0) return;
  }
  throw new Error("Nobody waited for the price book.");
}

test("the cost function is inlined into the query that prices a batch", async () => {
  const plan = await stack.sql<{ "QUERY PLAN": string }[]>`
    explain (verbose, costs off)
    select p.* from private.price_cards c cross join lateral private.price_leaves(c, 1, 2, 0, 0, 0, 0, 3, 0, 0, '{}') p`;
  const text = plan.map((row) => row["QUERY PLAN"]).join("\n");
  expect(text).toContain("input_rate");
  expect(text).not.toMatch(/Function Scan|price_leaves\(|leaf_amount\(|usage_status\(/);
});

test("what was pruned from the index is looked up again", async () => {
  const market = await openMarket(stack.sql, { input_tokens: "0.000001" });
  const before = await quoteOne(stack.sql, ask(market));
  await stack.sql`update private.price_card_index set created_at = now() - interval '8 days' where provider = ${market.provider}`;
  await stack.sql`select private.prune_price_card_index()`;
  const [row] = await stack.sql`select count(*)::int as n from private.price_card_index where provider = ${market.provider}`;
  expect(row!.n).toBe(0);
  expect(await quoteOne(stack.sql, ask(market))).toEqual(before);
});
