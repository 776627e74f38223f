import { randomUUID } from "node:crypto";
import type { TransactionSql } from "postgres";
import { beforeAll, describe, expect, test } from "vitest";
import type { PriceBook, Rate } from "../../lib/pricing/price-book.ts";
import { type TestStack, testStack } from "../../tests/support/stack.ts";
import { quoteOne } from "./prices-quote.ts";

let stack: TestStack;
beforeAll(async () => {
  stack = await testStack();
});

class Undo extends Error {}

/** Each test undoes its imports at the end: quarantine and prices are everybody's. */
async function trial(work: (tx: TransactionSql) => Promise<void>): Promise<void> {
  await stack.sql
    .begin(async (tx) => {
      await work(tx);
      throw new Undo();
    })
    .catch((error: unknown) => {
      if (!(error instanceof Undo)) throw error;
    });
}

const platform = `catalogue-${randomUUID()}`;
const rate = (unit: string, dollars: string, more: Partial<Rate> = {}): Rate => ({
  platform,
  model: "m",
  unit,
  rate: dollars,
  source: "test",
  ...more,
});
const list: Rate[] = [
  rate("input_tokens", "0.000002", { context_tokens: "[0,200001)" }),
  rate("input_tokens", "0.000004", { context_tokens: "[200001,)" }),
  rate("cached_input_tokens", "0.0000002"),
  rate("output_tokens", "0.00001"),
  rate("output_tokens", "0.000005", { service_tier: "batch" }),
];

async function load(tx: TransactionSql, rates: Rate[]) {
  const hasModel = rates.some((r) => r.model === "m");
  const book: PriceBook = {
    providers: [{ alias: platform, platform, source: "test" }],
    fallbacks: [],
    multipliers: [],
    aliases: hasModel ? [{ platform, position: 10, name: "m", model: "m", is_exact: true, source: "test" }] : [],
    rates,
  };
  const [row] = await tx<{ models_held: number }[]>`
    select models_held from private.import_price_catalogue(${JSON.stringify(book)}::text::jsonb, 'test')`;
  return row!.models_held;
}

const cost = async (tx: TransactionSql, input = 1000, output = 100) =>
  (
    await quoteOne(tx, {
      provider: platform,
      model: "m",
      at: "2026-10-05T12:00:00Z",
      usage: { input_tokens: input, output_tokens: output },
    })
  ).cost;
const held = (tx: TransactionSql) =>
  tx<{ id: string; diff: { reason: string; unit: string; was: string; becomes?: string }[] }[]>`
    select id, diff from private.price_quarantine where platform = ${platform} and decided_at is null`;
const replace = (unit: string, dollars: string) => list.map((r) => (r.unit === unit && !r.service_tier ? { ...r, rate: dollars } : r));

describe("a refreshed catalogue", () => {
  test("goes live when it is new, and changes nothing when it is the same", () =>
    trial(async (tx) => {
      expect(await load(tx, list)).toBe(0);
      expect(await cost(tx)).toBe("0.003");
      const rows = () => tx`select id, known from private.price_rates where platform = ${platform} order by id`;
      const before = await rows();
      const [changes] = await tx`select coalesce(max(id), 0)::int as n from private.price_changes`;
      expect(await load(tx, list)).toBe(0);
      expect([...(await rows())]).toEqual([...before]);
      const aliasesOfOthers =
        await tx`select 1 from private.price_changes where id > ${changes!.n} and platform = ${platform} and model = 'm'`;
      expect(aliasesOfOthers.count).toBe(0);
    }));

  test("moves a price by a fifth without asking", () =>
    trial(async (tx) => {
      await load(tx, list);
      expect(await load(tx, replace("output_tokens", "0.000012"))).toBe(0);
      expect(await cost(tx)).toBe("0.0032");
    }));

  test.each([
    ["up", "0.0000120001"],
    ["down", "0.0000079999"],
    ["to nothing", "0"],
  ])("that moves a price by more than a fifth %s is held", (_, dollars) =>
    trial(async (tx) => {
      await load(tx, list);
      expect(await load(tx, replace("output_tokens", dollars))).toBe(1);
      expect(await cost(tx)).toBe("0.003");
      expect((await held(tx))[0]!.diff).toEqual([expect.objectContaining({ reason: "moved", unit: "output_tokens", was: "0.00001" })]);
    }),
  );

  test("that turns a free price into one that costs is held", () =>
    trial(async (tx) => {
      await load(tx, replace("output_tokens", "0"));
      expect(await load(tx, replace("output_tokens", "0.0000001"))).toBe(1);
    }));

  test.each<[string, (r: Rate) => boolean]>([
    ["a cache price", (r) => r.unit === "cached_input_tokens"],
    ["a service tier", (r) => r.service_tier === "batch"],
    ["a context bucket", (r) => r.context_tokens === "[200001,)"],
  ])("that drops %s is held", (_, isGone) =>
    trial(async (tx) => {
      await load(tx, list);
      const rest = list
        .filter((r) => !isGone(r))
        .map((r) => (r.unit === "input_tokens" && isGone(list[1]!) ? rate("input_tokens", r.rate) : r));
      expect(await load(tx, rest)).toBe(1);
      expect((await held(tx))[0]!.diff).toContainEqual(expect.objectContaining({ reason: "dropped" }));
      expect(await cost(tx, 300_000, 0)).toBe("1.2");
    }),
  );

  test("holds a change that is still to come, too", () =>
    trial(async (tx) => {
      await load(tx, list);
      const dated = list.flatMap((r) =>
        r.unit === "output_tokens" && !r.service_tier
          ? [
              { ...r, valid: "[,2099-01-01Z)" },
              { ...r, rate: "0.00005", valid: "[2099-01-01Z,)" },
            ]
          : [r],
      );
      expect(await load(tx, dated)).toBe(1);
    }));

  test("holds one model and lets the others through", () =>
    trial(async (tx) => {
      const other = rate("input_tokens", "0.000001", { model: "other" });
      await load(tx, [...list, other]);
      expect(await load(tx, [...replace("output_tokens", "1"), { ...other, rate: "0.0000011" }])).toBe(1);
      const [live] =
        await tx`select rate::text from private.price_rates where platform = ${platform} and model = 'other' and upper_inf(known)`;
      expect(live!.rate).toBe("0.0000011");
    }));

  test("leaves alone what a person set by hand", () =>
    trial(async (tx) => {
      await load(tx, list);
      await tx`select private.put_price_rate(${platform}, 'm', 'output_tokens', 0.00002, '[2026-06-01Z,)')`;
      await load(tx, replace("output_tokens", "0.000011"));
      expect(await cost(tx)).toBe("0.004");
    }));

  test("keeps the prices of a model it no longer lists", () =>
    trial(async (tx) => {
      await load(tx, list);
      await load(tx, []);
      const [live] = await tx`select count(*)::int as n from private.price_rates where platform = ${platform} and upper_inf(known)`;
      expect(live!.n).toBe(5);
      expect(await cost(tx)).toBe("0.003");
    }));
});

describe("what is held", () => {
  test("goes live when a person approves it, from then on", () =>
    trial(async (tx) => {
      await load(tx, list);
      await load(tx, replace("output_tokens", "0.00003"));
      await tx`select private.decide_price_quarantine(${(await held(tx))[0]!.id}, true, 'pat')`;
      expect(await cost(tx)).toBe("0.005");
      expect((await held(tx)).length).toBe(0);
      const [row] = await tx`select decision, decided_by from private.price_quarantine where platform = ${platform}`;
      expect(row).toEqual({ decision: "approved", decided_by: "pat" });
    }));

  test("stays out when it is rejected, and cannot be decided twice", () =>
    trial(async (tx) => {
      await load(tx, list);
      await load(tx, replace("output_tokens", "0.00003"));
      const { id } = (await held(tx))[0]!;
      await tx`select private.decide_price_quarantine(${id}, false, 'pat')`;
      expect(await cost(tx)).toBe("0.003");
      await expect(tx.savepoint((sp) => sp`select private.decide_price_quarantine(${id}, true, 'pat')`)).rejects.toMatchObject({
        code: "P0002",
      });
    }));

  test("is replaced by a later import of the same model", () =>
    trial(async (tx) => {
      await load(tx, list);
      await load(tx, replace("output_tokens", "0.00003"));
      await load(tx, replace("output_tokens", "0.00004"));
      const open = await held(tx);
      expect(open.map((row) => row.diff[0]!.becomes)).toEqual(["0.00004"]);
      await load(tx, list);
      expect((await held(tx)).length).toBe(0);
    }));
});
