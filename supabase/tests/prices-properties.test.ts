import Decimal from "decimal.js";
import fc from "fast-check";
import { beforeAll, describe, expect, test } from "vitest";
import { type TestStack, testStack } from "../../tests/support/stack.ts";
import { plain, sum } from "./prices-hand.ts";
import { type Question, quote, type Usage } from "./prices-quote.ts";

let stack: TestStack;
beforeAll(async () => {
  stack = await testStack();
});

/** Models without a fee per request and without a price that needs rounding. */
const models = [
  ["openai", "gpt-4o"],
  ["openai", "gpt-5.4"],
  ["openai", "gpt-realtime"],
  ["openai", "gpt-6-sol"],
  ["anthropic", "claude-sonnet-4-5"],
  ["anthropic", "claude-3-haiku-20240307"],
  ["google", "gemini-2.5-flash"],
  ["google", "gemini-2.5-pro"],
  ["deepseek", "deepseek-v4-pro"],
  ["xai", "grok-4.3"],
] as const;

const tokens = fc.oneof(fc.constant(0), fc.integer({ min: 1, max: 5000 }), fc.integer({ min: 100_000, max: 400_000 }));
/** Consistent usage: leaves drawn first, totals made of them. */
const usage = fc
  .record({
    fresh: tokens,
    cached: tokens,
    w5: tokens,
    w1: tokens,
    audio: tokens,
    both: tokens,
    visible: tokens,
    reasoning: tokens,
    spoken: tokens,
    searches: fc.nat(5),
  })
  .map(
    (leaf): Usage => ({
      input_tokens: leaf.fresh + leaf.cached + leaf.w5 + leaf.w1 + leaf.audio + leaf.both,
      cached_input_tokens: leaf.cached + leaf.both,
      cache_write_5m_tokens: leaf.w5,
      cache_write_1h_tokens: leaf.w1,
      input_audio_tokens: leaf.audio + leaf.both,
      cached_input_audio_tokens: leaf.both,
      output_tokens: leaf.visible + leaf.reasoning + leaf.spoken,
      reasoning_tokens: leaf.reasoning,
      output_audio_tokens: leaf.spoken,
      ...(leaf.searches ? { other_units: { web_search_calls: leaf.searches } } : {}),
    }),
  );
const question = fc
  .tuple(
    fc.constantFrom(...models),
    fc.constantFrom("", "batch", "flex", "priority"),
    fc.date({ min: new Date("2025-01-01"), max: new Date("2027-06-01"), noInvalidDate: true }),
    usage,
  )
  .map(([[provider, model], service_tier, at, u]): Question => ({ provider, model, service_tier, at: at.toISOString(), usage: u }));
const batch = fc.array(question, { minLength: 1, maxLength: 40 });
const few = { numRuns: 15 };

describe("whatever the usage", () => {
  test("the receipt's lines and the five components sum to the cost, and the leaves to the totals", async () => {
    await fc.assert(
      fc.asyncProperty(batch, async (questions) => {
        const answers = await quote(stack.sql, questions);
        for (const [index, answer] of answers.entries()) {
          const { usage: asked } = questions[index]!;
          expect(answer.is_consistent).toBe(true);
          expect(answer.status).not.toBe("unpriced");
          expect(sum(answer.receipt.map((line) => line.amount))).toBe(plain(answer.cost!));
          expect(sum(answer.components)).toBe(plain(answer.cost!));
          const leaves = answer.receipt.filter((line) => line.unit.endsWith("_tokens"));
          const side = (isOutput: boolean) =>
            sum(leaves.filter((line) => /^(output|reasoning)/.test(line.unit) === isOutput).map((line) => line.quantity));
          expect(side(false)).toBe(String(asked.input_tokens));
          expect(side(true)).toBe(String(asked.output_tokens));
        }
      }),
      few,
    );
  });

  test("each line is quantity × rate, and its rate is the list rate times its chain", async () => {
    await fc.assert(
      fc.asyncProperty(batch, async (questions) => {
        for (const { receipt } of await quote(stack.sql, questions)) {
          for (const line of receipt.filter((l) => l.rate !== null)) {
            const Exact = Decimal.clone({ precision: 100 });
            expect(plain(new Exact(line.quantity).times(line.rate!).dividedBy(line.per))).toBe(plain(line.amount!));
            const chained = line.multipliers.reduce((rate, { factor }) => rate.times(factor), new Exact(line.list_rate!));
            expect(plain(chained)).toBe(plain(line.rate!));
          }
        }
      }),
      few,
    );
  });

  test("the order of a batch does not matter, nor in how many pieces it is asked", async () => {
    await fc.assert(
      fc.asyncProperty(batch, fc.nat(), async (questions, cut) => {
        const whole = (await quote(stack.sql, questions)).map((a) => [a.cost, a.status]);
        const backwards = (await quote(stack.sql, questions.toReversed())).map((a) => [a.cost, a.status]).toReversed();
        expect(backwards).toEqual(whole);
        const at = cut % questions.length;
        const pieces = [...(at ? await quote(stack.sql, questions.slice(0, at)) : []), ...(await quote(stack.sql, questions.slice(at)))];
        expect(pieces.map((a) => [a.cost, a.status])).toEqual(whole);
      }),
      few,
    );
  });

  test("usage split over several records of the same bucket costs the same", async () => {
    const small = usage.filter((u) => u.input_tokens! < 128_000 && u.input_tokens! > 0);
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...models), small, small, async ([provider, model], a, b) => {
        fc.pre(a.input_tokens! + b.input_tokens! < 128_000);
        const at = "2026-10-05T12:00:00Z";
        const searches = (u: Usage) => Number(u.other_units?.web_search_calls ?? 0);
        const keys = Object.keys(a).filter((key) => key !== "other_units") as Exclude<keyof Usage, "other_units">[];
        const both: Usage = {
          ...Object.fromEntries(keys.map((key) => [key, a[key]! + b[key]!])),
          other_units: { web_search_calls: searches(a) + searches(b) },
        };
        const [first, second, together] = await quote(
          stack.sql,
          [a, b, both].map((u) => ({ provider, model, at, usage: u })),
        );
        expect(sum([first!.cost, second!.cost])).toBe(plain(together!.cost!));
      }),
      few,
    );
  });

  test("more of anything never costs less", async () => {
    await fc.assert(
      fc.asyncProperty(
        question,
        fc.constantFrom("output_tokens" as const, "input_tokens" as const),
        fc.integer({ min: 1, max: 1000 }),
        async (asked, key, more) => {
          const [less, plus] = await quote(stack.sql, [asked, { ...asked, usage: { ...asked.usage, [key]: asked.usage[key]! + more } }]);
          expect(new Decimal(plus!.cost!).gte(less!.cost!)).toBe(true);
        },
      ),
      few,
    );
  });
});

test("subsets larger than their total are kept, flagged and never made negative", async () => {
  const wild = fc.record({
    input_tokens: tokens,
    cached_input_tokens: tokens,
    cache_write_5m_tokens: tokens,
    output_tokens: tokens,
    reasoning_tokens: tokens,
  });
  await fc.assert(
    fc.asyncProperty(wild, async (u) => {
      const [answer] = await quote(stack.sql, [
        { provider: "anthropic", model: "claude-sonnet-4-6", at: "2026-10-05T12:00:00Z", usage: u },
      ]);
      const isConsistent = u.cached_input_tokens + u.cache_write_5m_tokens <= u.input_tokens && u.reasoning_tokens <= u.output_tokens;
      expect(answer!.is_consistent).toBe(isConsistent);
      expect(answer!.status === "partial").toBe(!isConsistent);
      const quantity = (unit: string) => answer!.receipt.find((line) => line.unit === unit)?.quantity ?? "0";
      expect(quantity("cached_input_tokens")).toBe(String(u.cached_input_tokens));
      expect(quantity("reasoning_tokens")).toBe(String(u.reasoning_tokens));
      for (const line of answer!.receipt) expect(Number(line.quantity)).toBeGreaterThan(0);
    }),
    { numRuns: 40 },
  );
});
