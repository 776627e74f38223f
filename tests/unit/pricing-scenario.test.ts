import { expect, test } from "vitest";
import { dayAfter, dayStart } from "../../lib/pricing/days.ts";
import { contextWords, rateWords, unitWords } from "../../lib/pricing/rules.ts";
import { isChanged, readScenario } from "../../lib/pricing/scenario.ts";
import { CommitmentInput, OverrideInput } from "../../lib/pricing/schema.ts";

const nothing = { provider: null, model: null, tier: null, share: null, cached: null, prices: "then" };

test.each([
  ["", nothing],
  ["as=openai/gpt-4o-mini", { ...nothing, provider: "openai", model: "gpt-4o-mini" }],
  ["as=openrouter/openai/gpt-4o", { ...nothing, provider: "openrouter", model: "openai/gpt-4o" }],
  ["in=batch&share=5", { ...nothing, tier: "batch", share: "0.05" }],
  ["in=batch&share=100&cached=0", { ...nothing, tier: "batch", share: "1", cached: "0.00" }],
  ["cached=60&prices=today", { ...nothing, cached: "0.60", prices: "today" }],
  ["as=/gpt&as2=x&share=50&cached=101&prices=never", nothing],
  ["as=openai/", nothing],
])("the scenario of %s", (query, expected) => {
  const scenario = readScenario(new URLSearchParams(query));
  expect(scenario).toEqual(expected);
  expect(isChanged(scenario)).toBe(JSON.stringify(expected) !== JSON.stringify(nothing));
});

test.each([
  ["input_tokens", "0.0000025", 1, "$2.50 / 1M"],
  ["input_tokens", "0.000000035", 1, "$0.035 / 1M"],
  ["audio_seconds", "0.36", 3600, "$0.36 / hour"],
  ["web_search_calls", "0.01", 1, "$0.01 each"],
  ["characters", "0.000015", 1, "$15.00 / 1M"],
  ["output_tokens", null, 1, "–"],
])("%s at %s reads as a person quotes it", (unit, rate, per, words) => {
  expect(rateWords(unit, rate, per)).toBe(words);
});

test("units and sizes are said in words", () => {
  expect(unitWords("input_tokens")).toBe("Input tokens");
  expect(unitWords("document_pages")).toBe("Document pages");
  expect(contextWords(0, null)).toBe("");
  expect(contextWords(0, 200_001)).toBe("input below 200,001");
  expect(contextWords(272_000, null)).toBe("input from 272,000");
});

test("days are whole ones of the zone, also when the clock changes", () => {
  expect(dayStart("2026-10-25", "Europe/Berlin")).toBe("2026-10-24T22:00:00Z");
  expect(dayAfter("2026-10-25", "Europe/Berlin")).toBe("2026-10-25T23:00:00Z");
  expect(dayAfter("2026-12-31", "Asia/Kolkata")).toBe("2026-12-31T18:30:00Z");
});

const base = {
  organization_id: "0192f1a0-0000-7000-8000-000000000000",
  kind: "rate",
  provider: "openai",
  model: "gpt-4o",
  unit: "input_tokens",
};
test.each([
  ["a rate", { ...base, amount: "2.50", per: "million" }, null],
  ["a discount off everything", { ...base, kind: "discount", provider: "", model: "", unit: "", amount: "12.5" }, null],
  ["the whole price off", { ...base, kind: "discount", amount: "100.00" }, null],
  ["more than the whole price off", { ...base, kind: "discount", amount: "100.01" }, "amount"],
  ["a rate without a model", { ...base, model: " ", amount: "1" }, "model"],
  ["a rate in words", { ...base, amount: "two" }, "amount"],
  ["a negative rate", { ...base, amount: "-1" }, "amount"],
  ["an exponent", { ...base, amount: "1e3" }, "amount"],
  ["a unit with blanks", { ...base, unit: "input tokens", amount: "1" }, "unit"],
  ["an end before its beginning", { ...base, amount: "1", first_day: "2026-12-02", last_day: "2026-12-01" }, "last_day"],
  ["a day that is none", { ...base, amount: "1", first_day: "2026-02-30" }, "first_day"],
])("the form takes or refuses %s", (_, form, field) => {
  const result = OverrideInput.safeParse(form);
  expect(result.success ? null : result.error.issues[0]?.path[0]).toBe(field);
});

test("a term has an end, a month needs none", () => {
  const commitment = {
    organization_id: base.organization_id,
    provider: "",
    amount: "1000",
    first_day: "2026-01-01",
    last_day: "",
    note: "",
  };
  expect(CommitmentInput.safeParse({ ...commitment, period: "month" }).success).toBe(true);
  expect(CommitmentInput.safeParse({ ...commitment, period: "term" }).error?.issues[0]?.path).toEqual(["last_day"]);
});
