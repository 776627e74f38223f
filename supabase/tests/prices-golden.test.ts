import { beforeAll, describe, expect, test } from "vitest";
import { type TestStack, testStack } from "../../tests/support/stack.ts";
import { goldenCases, plain, readHand, sum } from "./prices-hand.ts";
import { type Quote, quote, quoteOne, resolve } from "./prices-quote.ts";

let stack: TestStack;
let quotes: Quote[];

beforeAll(async () => {
  stack = await testStack();
  quotes = await quote(stack.sql, goldenCases);
});

test("the table covers the five vendors and every status a price can have", () => {
  const providers = new Set(goldenCases.map((c) => c.provider));
  for (const provider of ["openai", "anthropic", "google", "deepseek", "xai"]) expect(providers).toContain(provider);
  expect(new Set(goldenCases.map((c) => c.status))).toEqual(new Set(["exact", "estimated", "partial", "unpriced"]));
  expect(goldenCases.length).toBeGreaterThanOrEqual(140);
  expect(new Set(goldenCases.map((c) => `${c.provider} ${c.model} ${c.name} ${c.at}`)).size).toBe(goldenCases.length);
});

describe("a call costs what the hand calculation says", () => {
  test.each(goldenCases.map((golden, index) => ({ golden, index, title: `${golden.provider} ${golden.model}: ${golden.name}` })))(
    "$title",
    async ({ golden, index }) => {
      const hand = readHand(golden.hand);
      expect(hand.sum, "the fixture's own arithmetic").toBe(hand.claimed);
      const answer = quotes[index]!;
      expect({ cost: answer.cost && plain(answer.cost), status: answer.status }).toEqual({ cost: hand.claimed, status: golden.status });

      if (hand.claimed === null) return;
      expect(sum(answer.receipt.map((line) => line.amount)), "the receipt adds up").toBe(hand.claimed);
      expect(sum(answer.components), "the components add up").toBe(hand.claimed);
      const nonZero = (lines: { quantity: string; amount: string | null }[]) =>
        lines.filter((line) => line.amount !== null && line.quantity !== "0").map((line) => plain(line.amount!));
      expect(nonZero(answer.receipt.map((line) => ({ ...line, quantity: line.billed_quantity }))).sort(), "line by line").toEqual(
        nonZero(hand.lines).sort(),
      );
      const { usage, ...question } = golden;
      expect(await resolve(stack.sql, { ...question, total: usage.input_tokens ?? 0 }), "resolved without the index").toBe(answer.card_id);
    },
  );
});

test("asked alone or in another order, each call costs the same", async () => {
  const backwards = await quote(stack.sql, goldenCases.toReversed());
  expect(backwards.toReversed().map(({ cost, status, card_id }) => ({ cost, status, card_id }))).toEqual(
    quotes.map(({ cost, status, card_id }) => ({ cost, status, card_id })),
  );
  for (const index of [0, 20, 60, 100]) expect((await quoteOne(stack.sql, goldenCases[index]!)).cost).toBe(quotes[index]!.cost);
});
