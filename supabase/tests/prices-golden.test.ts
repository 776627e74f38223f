import { beforeAll, describe, expect, test } from "vitest";
import { as, makeOrganization } from "../../tests/support/people.ts";
import { type TestStack, testStack } from "../../tests/support/stack.ts";
import { type GoldenCase, goldenCases, plain, readHand, sum } from "./prices-hand.ts";
import { type Question, type Quote, quote, quoteOne, resolve } from "./prices-quote.ts";

let stack: TestStack;
let asked: Question[];
let quotes: Quote[];

/** The question of a case; what it agreed on is agreed by an organization of its own. */
async function questionOf({ agreements, name: _, status: __, hand: ___, ...question }: GoldenCase): Promise<Question> {
  if (!agreements) return question;
  const organization = await makeOrganization(stack);
  await as(stack, organization.owner, async (tx) => {
    for (const { provider, unit, rate, discount, tier } of agreements) {
      const [vendor, model] = rate === undefined ? [provider, undefined] : [question.provider, question.model];
      await tx`select public.set_price_override(${organization.id}, ${vendor ?? null}, ${model ?? null}, ${unit ?? null}, ${rate ?? null},
        ${discount ?? null}, ${tier ?? null})`;
    }
  });
  return { ...question, organization_id: organization.id };
}

beforeAll(async () => {
  stack = await testStack();
  asked = await Promise.all(goldenCases.map(questionOf));
  quotes = await quote(stack.sql, asked);
});

test("the table covers the vendors, every status a price can have and every kind of unit", () => {
  const providers = new Set(goldenCases.map((c) => c.provider));
  for (const provider of [
    "openai",
    "azure",
    "anthropic",
    "aws",
    "google",
    "xai",
    "deepseek",
    "mistral",
    "groq",
    "together-ai",
    "openrouter",
    "vllm",
  ])
    expect(providers).toContain(provider);
  expect(new Set(goldenCases.map((c) => c.status))).toEqual(new Set(["exact", "estimated", "partial", "unpriced"]));
  const units = new Set(goldenCases.flatMap(({ usage: { other_units, ...tokens } }) => Object.keys({ ...tokens, ...other_units })));
  for (const unit of ["cached_input_audio_tokens", "cache_write_1h_tokens", "input_image_tokens", "audio_seconds", "characters"]) {
    expect(units).toContain(unit);
  }
  for (const unit of ["cache_storage_token_hours", "provisioned_unit_hours", "node_hours", "training_tokens", "container_sessions"]) {
    expect(units).toContain(unit);
  }
  expect(goldenCases.length).toBeGreaterThanOrEqual(200);
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
      const { usage, ...question } = asked[index]!;
      expect(await resolve(stack.sql, { ...question, total: usage.input_tokens ?? 0 }), "resolved without the index").toBe(answer.card_id);
    },
  );
});

test("asked alone or in another order, each call costs the same", async () => {
  const backwards = await quote(stack.sql, asked.toReversed());
  expect(backwards.toReversed().map(({ cost, status, card_id }) => ({ cost, status, card_id }))).toEqual(
    quotes.map(({ cost, status, card_id }) => ({ cost, status, card_id })),
  );
  for (const index of [0, 20, 60, 100]) expect((await quoteOne(stack.sql, asked[index]!)).cost).toBe(quotes[index]!.cost);
});
