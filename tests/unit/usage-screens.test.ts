import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { nextDimension, readExploreState, writeExploreState } from "../../components/explore/explore-state.ts";
import { DEFAULT_CHOICE } from "../../lib/core/time-range.ts";
import { FILTER_KEYS } from "../../lib/usage/dimensions.ts";
import { readFilters, toggleFilter, type UsageFilters, writeFilters } from "../../lib/usage/filters.ts";
import { usageHref } from "../../lib/usage/links.ts";
import { measureChange, NOTHING, rawMeasure, readMeasure } from "../../lib/usage/measures.ts";
import { toRecord } from "../../lib/usage/record.ts";
import { money, toRequestRow } from "../../lib/usage/rows.ts";

describe("filters in the URL", () => {
  const filters = fc
    .dictionary(fc.constantFrom(...FILTER_KEYS), fc.uniqueArray(fc.string({ unit: "grapheme" }), { minLength: 1, maxLength: 5 }))
    .map((entries): UsageFilters => ({ ...entries }));

  test("any value survives, the empty one included, and foreign parameters stay", () => {
    fc.assert(
      fc.property(filters, (given) => {
        const link = writeFilters(new URLSearchParams("range=7d"), given).toString();
        expect(readFilters(new URLSearchParams(link))).toEqual(given);
        expect(link).toContain("range=7d");
      }),
    );
  });

  test("switching a value twice changes nothing", () => {
    const on = toggleFilter({ model: ["a"] }, "model", "b");
    expect(on).toEqual({ model: ["a", "b"] });
    expect(toggleFilter(on, "model", "b")).toEqual({ model: ["a"] });
    expect(toggleFilter({ model: ["a"] }, "model", "a")).toEqual({});
  });

  test("links say what is shown and no more", () => {
    expect(usageHref("acme", "requests", DEFAULT_CHOICE)).toBe("/acme/requests");
    expect(usageHref("acme", "explore", { ...DEFAULT_CHOICE, preset: "7d" }, { model: ["a&b"] }, { by: "team" })).toBe(
      "/acme/explore?range=7d&model=a%26b&by=team",
    );
  });
});

describe("explore in the URL", () => {
  test("reads what it wrote and falls back from nonsense", () => {
    const state = {
      measure: "latency_p95_ms",
      dimension: "team",
      order: "requests",
      rows: 100,
      isExplained: true,
      isAveraged: true,
      inner: ["feature", "model"],
    } as const;
    expect(readExploreState(writeExploreState(new URLSearchParams(), state))).toEqual(state);
    expect(readExploreState(new URLSearchParams("measure=x&by=y&order=z&rows=-1"))).toEqual({
      measure: "cost",
      dimension: "model",
      order: "cost",
      rows: 50,
      isExplained: false,
      isAveraged: false,
      inner: [],
    });
  });

  test("a second and third dimension are others than those before them", () => {
    expect(readExploreState(new URLSearchParams("by=team&then=team.model.model.feature.status")).inner).toEqual(["model", "feature"]);
    expect(writeExploreState(new URLSearchParams("then=model"), { inner: [] }).toString()).toBe("");
  });

  test("a measure brings its own order, another one is kept in the link", () => {
    expect(readExploreState(new URLSearchParams("measure=requests")).order).toBe("requests");
    expect(writeExploreState(new URLSearchParams("measure=requests"), { order: "cost" }).toString()).toBe("measure=requests&order=cost");
    expect(writeExploreState(new URLSearchParams("order=change"), { measure: "errors" }).toString()).toBe("measure=errors");
  });

  test("goes down until nothing is left but the requests", () => {
    expect(nextDimension("provider", {})).toBe("team");
    expect(nextDimension("team", { project: ["x"] })).toBe("feature");
    expect(nextDimension("end_user", { team: ["x"], project: ["x"], feature: ["x"], model: ["x"] })).toBeNull();
  });
});

describe("measures", () => {
  test("no price is a word, nothing at all is zero", () => {
    const unpriced = { ...NOTHING, requests: 3, unpriced_requests: 3 };
    expect(readMeasure(unpriced, "cost").text).toBe("unpriced");
    expect(rawMeasure(unpriced, "cost")).toBeNull();
    expect(readMeasure({ ...unpriced, requests: 4, cost: "1" }, "cost").text).toBe("$1.00");
    expect(readMeasure(undefined, "cost").text).toBe("$0.00");
    expect(readMeasure(undefined, "latency_p95_ms")).toMatchObject({ value: null, text: "–" });
  });

  test("changes speak the measure's own words", () => {
    const now = { ...NOTHING, requests: 12_400, latency_p95_ms: 900, cost: "2" };
    const before = { ...NOTHING, requests: 10_000, latency_p95_ms: 1000, cost: "1" };
    expect(measureChange(now, before, "requests")?.text).toBe("+24.0\u00a0% (2,400)");
    expect(measureChange(now, before, "latency_p95_ms")?.text).toBe("\u221210.0\u00a0% (100\u00a0ms)");
    expect(measureChange(now, before, "cost")?.text).toBe("+100.0\u00a0% ($1.00)");
    expect(measureChange(now, NOTHING, "latency_p95_ms")).toBeNull();
  });
});

describe("rows from the wire", () => {
  test("money that is no text is a mistake, not a rounding", () => {
    expect(() => money(0.1)).toThrow(TypeError);
    expect(money(null)).toBeNull();
  });

  test("big counts may come as text", () => {
    expect(toRequestRow({ input_tokens: "9007199254740991", cost: "0.1" }).input_tokens).toBe(9_007_199_254_740_991);
  });

  test("a receipt says how each rate came about", () => {
    const record = toRecord({
      request_id: "r",
      cost: "0.5",
      reasoning_tokens: 5,
      receipt: [
        {
          unit: "input_tokens",
          quantity: "10",
          billed_quantity: "10",
          rate: "0.05",
          per: 1,
          amount: "0.5",
          multipliers: [{ factor: "0.5", label: "batch" }],
          discount_percent: "10",
          borrowed_from: null,
          is_estimated: false,
          source: "list",
        },
      ],
      card: { id: 7, platform: "openai", model: "m", region: "", service_tier: "batch" },
    });
    expect(record.receipt[0]).toMatchObject({ notes: ["× 0.5 batch", "10 % negotiated discount"], amount: "0.5", source: "list" });
    expect(record.card).toMatchObject({ id: "7", region: null, serviceTier: "batch" });
    expect(record.parts).toEqual([{ name: "reasoning_tokens", tokens: 5 }]);
  });
});
