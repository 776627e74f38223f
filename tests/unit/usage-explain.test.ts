import { Decimal } from "decimal.js";
import { describe, expect, test } from "vitest";
import { explainCsv } from "../../components/explore/explain-csv.ts";
import { costPer } from "../../lib/core/money.ts";
import { layWaterfall } from "../../lib/core/waterfall.ts";
import { CHANGE_PARTS, changeSentence, formatSigned, toExplainedChange } from "../../lib/usage/explain.ts";
import { measureFilters, NOTHING, rawMeasure, readMeasure } from "../../lib/usage/measures.ts";

const row = toExplainedChange({
  key: "",
  label: "Total",
  is_total: true,
  cost_before: "100",
  cost_after: "141.2",
  change: "41.2",
  volume: "30.1",
  mix: "0",
  size: "12",
  cache: "0",
  fees: "0",
  price: "-0.9",
  requests_before: 10,
  requests_after: 13,
  total_rows: 1,
});

describe("a change in words", () => {
  test("says the whole, then its parts, the largest first, each with its direction", () => {
    expect(changeSentence(row)).toBe("$41.20 more: $30.10 more requests, $12.00 longer prompts and answers, −$0.90 lower prices.");
    expect(changeSentence({ ...row, change: "-5", volume: "-5", size: "0", price: "0" })).toBe("$5.00 less: −$5.00 fewer requests.");
    expect(changeSentence({ ...row, change: "0", volume: "0", size: "0", price: "0" })).toBe("No change in cost.");
  });

  test("leaves out what only rounding left over, and still writes it to the file", () => {
    const dusty = { ...row, price: "-0.000000000000000044" };
    expect(changeSentence(dusty)).not.toContain("prices");
    expect(formatSigned(dusty.price)).toBe("≈ 0");
    expect(explainCsv([dusty], "model")).toContain("-0.000000000000000044");
    expect(formatSigned("0")).toBe("$0.00");
    expect(formatSigned("0.0000031")).toBe("+$0.0000031");
  });

  test("money that is no text is a mistake", () => {
    expect(() => toExplainedChange({ cost_before: 1.5 })).toThrow(TypeError);
  });
});

describe("waterfall", () => {
  const amounts = CHANGE_PARTS.map((part) => ({ key: part, amount: row[part] }));
  test("each part begins where the one before it ended, and the last ends at the new whole", () => {
    const { bars, zero } = layWaterfall(row.costBefore, amounts, row.costAfter);
    expect(zero).toBe(0);
    expect(bars[0]).toMatchObject({ key: "before", start: 0, isWhole: true });
    for (let index = 1; index < bars.length - 1; index += 1) expect(bars[index]?.start).toBe(bars[index - 1]?.end);
    expect(bars.at(-1)?.end).toBe(bars.at(-2)?.end);
    expect(new Decimal(bars[1]!.end).greaterThan(bars[1]!.start)).toBe(true);
  });

  test("finds room below zero and draws nothing from nothing", () => {
    expect(layWaterfall("1", [{ key: "a", amount: "-3" }], "-2").zero).toBeCloseTo(66.67, 1);
    expect(layWaterfall("0", [], "0").bars.map((bar) => bar.end)).toEqual([0, 0]);
  });
});

describe("measures that relate two sums", () => {
  const used = {
    ...NOTHING,
    cost: "1",
    requests: 4,
    unpriced_requests: 1,
    input_tokens: 1000,
    cached_input_tokens: 250,
    total_tokens: 1500,
  };
  test("divide what has a price, for reading", () => {
    expect(costPer("1", 3)).toBe("0.333333333333");
    expect(costPer("1", 0)).toBeNull();
    expect(rawMeasure(used, "cost_per_request")).toBe("0.333333333333");
    expect(rawMeasure(used, "cost_per_1k_tokens")).toBe("0.666666666667");
    expect(readMeasure(used, "cache_hit_rate")).toMatchObject({ value: 0.25, text: "25.0\u00a0%" });
    expect(readMeasure({ ...used, unpriced_requests: 4 }, "cost_per_request").text).toBe("–");
    expect(readMeasure(undefined, "cache_hit_rate").value).toBeNull();
  });

  test("waste is the cost of what failed, under whatever is filtered already", () => {
    expect(measureFilters("cost", { model: ["a"] })).toEqual({ model: ["a"] });
    expect(measureFilters("waste", { model: ["a"] })).toEqual({ model: ["a"], status: ["error", "timeout"] });
    expect(measureFilters("waste", { status: ["success", "timeout"] })).toEqual({ status: ["timeout"] });
    expect(measureFilters("waste", { status: ["success"] })).toEqual({ status: ["none"] });
    expect(readMeasure(used, "waste").text).toBe("$1.00");
  });
});
