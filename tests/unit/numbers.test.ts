import { expect, test } from "vitest";
import { formatCompact, formatCount, formatExact, formatLatency, formatPercent, formatShare } from "../../lib/core/numbers.ts";

const plain = (text: string) => text.replaceAll("\u00a0", " ");

test("counts are exact below 10,000 and compact above", () => {
  expect([0, 7, 9999, 10_000, 12_345, 999_499, 999_950, 1_240_000, 10_000_000].map((value) => plain(formatCount(value)))).toEqual([
    "0",
    "7",
    "9,999",
    "10 k",
    "12.3 k",
    "999 k",
    "1 M",
    "1.24 M",
    "10 M",
  ]);
  expect(formatExact(12_345_678)).toBe("12,345,678");
  expect(plain(formatCompact(-1500))).toBe("\u22121.5 k");
});

test("percentages have one digit and never hide what is there", () => {
  expect([0, 0.031, 1, 0.0001, -0.5, 12.345].map((ratio) => plain(formatPercent(ratio)))).toEqual([
    "0.0 %",
    "3.1 %",
    "100.0 %",
    "<0.1 %",
    "\u221250.0 %",
    "1,234.5 %",
  ]);
  expect(plain(formatShare(999_999, 1_000_000))).toBe(">99.9 %");
  expect(formatShare(0, 0)).toBe("–");
});

test("latency", () => {
  expect([842, 9999, 12_400, 180_000, null].map((value) => plain(formatLatency(value)))).toEqual([
    "842 ms",
    "9,999 ms",
    "12.4 s",
    "3.0 min",
    "–",
  ]);
});
