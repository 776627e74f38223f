import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { describeBucket, largestValue, niceScale, tickIndexes } from "../../lib/core/chart.ts";
import { assignColors } from "../../lib/core/palette.ts";
import { DEFAULT_CHOICE, resolveRange } from "../../lib/core/time-range.ts";
import { buildChart } from "../../lib/usage/chart.ts";
import type { Measures } from "../../lib/usage/measures.ts";
import { type SeriesRow, toSeriesRow } from "../../lib/usage/rows.ts";

const NOW = "2026-11-21T11:52:30Z";
const range = resolveRange({ ...DEFAULT_CHOICE, preset: "7d" }, "Europe/Berlin", NOW);

function row(bucket: string, key: string, cost: string, more: Partial<Measures> = {}): SeriesRow {
  return { ...toSeriesRow({ bucket, key, label: key.toUpperCase(), cost, requests: 1 }), ...more };
}

describe("the axis", () => {
  test.each([
    [0, 1],
    [1, 1],
    [9.7, 10],
    [1234, 1500],
    [0.0000031, 0.000004],
    [101, 150],
  ])("for %d ends at %d", (largest, max) => {
    expect(niceScale(largest).max).toBeCloseTo(max, 12);
  });

  test("always holds the largest value with 2 to 6 labels", () => {
    fc.assert(
      fc.property(fc.double({ min: 1e-12, max: 1e15, noNaN: true }), (largest) => {
        const { max, ticks } = niceScale(largest);
        return max >= largest * (1 - 1e-9) && ticks.length >= 2 && ticks.length <= 6 && ticks[0] === 0;
      }),
    );
  });

  test("labels are few and start with the first bucket", () => {
    for (const length of [1, 7, 24, 25, 30, 76, 90, 180]) {
      const indexes = tickIndexes(length, 8);
      expect(indexes[0]).toBe(0);
      expect(indexes.length).toBeLessThanOrEqual(8);
      expect(indexes.at(-1)).toBeLessThan(length);
    }
  });
});

describe("rows on buckets", () => {
  const parts = [
    row("2026-11-20T23:00:00+00:00", "a", "1.10"),
    row("2026-11-19T23:00:00+00:00", "b", "5"),
    row("2026-11-19T23:00:00+00:00", "__other__", "100"),
    row("2026-11-19T23:00:00+00:00", "", "0.5"),
  ];
  const totals = [row("2026-11-19T23:00:00+00:00", "", "105.5"), row("2026-11-20T23:00:00+00:00", "", "1.10")];
  const previous = [row("2026-11-07T23:00:00+00:00", "", "7")];
  const chart = buildChart({ range, measure: "cost", dimension: "model", parts, totals, previous, roster: [], now: NOW });

  test("fill all seven days, the last one open", () => {
    expect(chart.buckets).toHaveLength(7);
    expect(chart.openIndex).toBe(6);
    expect(chart.total.map((point) => point.text)).toEqual(["$0.00", "$0.00", "$0.00", "$0.00", "$0.00", "$105.50", "$1.10"]);
  });

  test("order by size with the rest last, and name what is not set", () => {
    expect(chart.series.map((series) => series.label)).toEqual(["B", "A", "Not set", "Other models"]);
    expect(chart.series.at(-1)?.color).toBe("var(--chart-other)");
  });

  test("lay the earlier period beside this one by position", () => {
    expect(chart.compare?.points.map((point) => point?.value)).toEqual([7, 0, 0, 0, 0, 0, 0]);
  });

  test("keep a bucket the calendar here does not know", () => {
    const odd = buildChart({
      range,
      measure: "cost",
      dimension: "model",
      parts: [row("2026-11-20T10:00:00Z", "a", "1")],
      totals: [],
      previous: null,
      roster: [],
      now: NOW,
    });
    expect(odd.buckets).toHaveLength(8);
  });

  test("read aloud: bucket with zone, whole, earlier, parts", () => {
    expect(describeBucket(chart, 5)).toBe(
      "Fri 20 Nov 2026, UTC+1: $105.50. Earlier period $0.00. B $5.00, Not set $0.50, Other models $100.00",
    );
    expect(describeBucket(chart, 6)).toContain(", so far: $1.10");
  });

  test("stacked parts count together for the axis", () => {
    expect(largestValue(chart, true)).toBeCloseTo(105.5);
    expect(largestValue(chart, false)).toBeCloseTo(105.5);
  });

  test("rates draw nothing where nothing was measured", () => {
    const errors = buildChart({
      range,
      measure: "error_rate",
      dimension: "model",
      parts: [row("2026-11-20T23:00:00Z", "a", "1", { requests: 4, errors: 1 })],
      totals: [],
      previous: null,
      roster: [],
      now: NOW,
    });
    expect(errors.series[0]?.points.map((point) => point.value)).toEqual([null, null, null, null, null, null, 0.25]);
  });
});

describe("colours", () => {
  const keys = fc.uniqueArray(fc.string({ minLength: 1 }), { minLength: 1, maxLength: 9 });
  const roster = fc.uniqueArray(fc.string({ minLength: 1 }), { maxLength: 20 });

  test("differ within a picture, known entities or not", () => {
    fc.assert(
      fc.property(keys, roster, (entities, known) => {
        expect(new Set(assignColors(entities, known).values()).size).toBe(entities.length);
      }),
    );
  });

  test("stay the same in every picture for who is on the roster", () => {
    fc.assert(
      fc.property(fc.uniqueArray(fc.string({ minLength: 1 }), { minLength: 2, maxLength: 16 }), fc.nat(), (known, seed) => {
        const one = known[seed % known.length]!;
        const color = assignColors([one], known).get(one);
        expect(assignColors([...known.slice(0, 7), one], known).get(one)).toBe(color);
        expect(assignColors(["a stranger", one], known).get(one)).toBe(color);
      }),
    );
  });

  test("of the first eight do not depend on their rank", () => {
    const known = ["a", "b", "c", "d", "e", "f", "g", "h"];
    expect([...assignColors(known, known)].sort()).toEqual([...assignColors(known, [...known].reverse())].sort());
    expect(new Set(assignColors(known, known).values()).size).toBe(8);
    expect([...assignColors(known, known).values()].every((color) => color.startsWith("var("))).toBe(true);
  });
});
