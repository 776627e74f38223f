import {
  type Change,
  costPer,
  describeChange,
  formatAxisMoney,
  formatMoney,
  formatMoneyExact,
  type Money,
  toChartNumber,
} from "../core/money.ts";
import { formatCompact, formatCount, formatExact, formatLatency, formatPercent } from "../core/numbers.ts";
import type { UsageFilters } from "./filters.ts";

/** The sums every question returns; money is decimal text, null when nothing in it has a price. */
export type Measures = {
  cost: Money;
  cost_input: Money;
  cost_cached_input: Money;
  cost_cache_write: Money;
  cost_output: Money;
  cost_other: Money;
  requests: number;
  errors: number;
  input_tokens: number;
  cached_input_tokens: number;
  output_tokens: number;
  reasoning_tokens: number;
  total_tokens: number;
  not_exact_requests: number;
  unpriced_requests: number;
  latency_p50_ms: number | null;
  latency_p95_ms: number | null;
};

/** A window in which nothing happened. */
export const NOTHING: Measures = {
  cost: "0",
  cost_input: "0",
  cost_cached_input: "0",
  cost_cache_write: "0",
  cost_output: "0",
  cost_other: "0",
  requests: 0,
  errors: 0,
  input_tokens: 0,
  cached_input_tokens: 0,
  output_tokens: 0,
  reasoning_tokens: 0,
  total_tokens: 0,
  not_exact_requests: 0,
  unpriced_requests: 0,
  latency_p50_ms: null,
  latency_p95_ms: null,
};

export const MEASURES = [
  "cost",
  "requests",
  "total_tokens",
  "input_tokens",
  "cached_input_tokens",
  "output_tokens",
  "reasoning_tokens",
  "errors",
  "error_rate",
  "latency_p50_ms",
  "latency_p95_ms",
  "cost_input",
  "cost_cached_input",
  "cost_cache_write",
  "cost_output",
  "cost_other",
  "cost_per_request",
  "cost_per_1k_tokens",
  "cache_hit_rate",
  "waste",
] as const;
export type Measure = (typeof MEASURES)[number];

type MeasureKind = "money" | "count" | "ratio" | "latency" | "unit_cost";

export const MEASURE_INFO: Record<Measure, { label: string; kind: MeasureKind; meaning?: string }> = {
  cost: { label: "Cost", kind: "money" },
  requests: { label: "Requests", kind: "count" },
  total_tokens: { label: "Tokens", kind: "count" },
  input_tokens: { label: "Input tokens", kind: "count" },
  cached_input_tokens: { label: "Cached input tokens", kind: "count" },
  output_tokens: { label: "Output tokens", kind: "count" },
  reasoning_tokens: { label: "Reasoning tokens", kind: "count" },
  errors: { label: "Errors", kind: "count" },
  error_rate: { label: "Error rate", kind: "ratio" },
  latency_p50_ms: { label: "Latency, median", kind: "latency" },
  latency_p95_ms: { label: "Latency, p95", kind: "latency" },
  cost_input: { label: "Cost of input", kind: "money" },
  cost_cached_input: { label: "Cost of cached input", kind: "money" },
  cost_cache_write: { label: "Cost of cache writes", kind: "money" },
  cost_output: { label: "Cost of output", kind: "money" },
  cost_other: { label: "Other cost", kind: "money" },
  cost_per_request: { label: "Cost per request", kind: "unit_cost", meaning: "Cost divided by the requests that have a price." },
  cost_per_1k_tokens: {
    label: "Cost per 1K tokens",
    kind: "unit_cost",
    meaning: "Cost divided by all tokens, input and output, times 1,000.",
  },
  cache_hit_rate: { label: "Cache hit rate", kind: "ratio", meaning: "Share of the input tokens that were read from a cache." },
  waste: {
    label: "Waste",
    kind: "money",
    meaning: "Cost of requests that ended in an error or timed out: paid for, with no output to use.",
  },
};

/** How requests end whose cost bought nothing. */
const WASTED: readonly string[] = ["error", "timeout"];

/** Waste is the cost of a part of the requests, so it is asked as a filter; every other measure looks at all that pass the filters. */
export function measureFilters(measure: Measure, filters: UsageFilters): UsageFilters {
  if (measure !== "waste") return filters;
  const status = (filters.status ?? WASTED).filter((each) => WASTED.includes(each));
  // Nothing that succeeded is wasted: a status that no request has.
  return { ...filters, status: status.length > 0 ? status : ["none"] };
}

type MoneyField = "cost" | "cost_input" | "cost_cached_input" | "cost_cache_write" | "cost_output" | "cost_other";

function moneyField(measure: Measure): MoneyField {
  return measure === "waste" ? "cost" : (measure as MoneyField);
}

function unitCost(row: Measures, measure: Measure): Money {
  if (measure === "cost_per_1k_tokens") return costPer(amountOf(row), row.total_tokens, 1000);
  return costPer(amountOf(row), row.requests - row.unpriced_requests);
}

/** Part and whole of a ratio. */
function partsOf(row: Measures, measure: Measure): [number, number] {
  return measure === "cache_hit_rate" ? [row.cached_input_tokens, row.input_tokens] : [row.errors, row.requests];
}

/** A value three ways: where it is drawn, how it reads, what it is exactly. */
export type Reading = { value: number | null; text: string; exact: string };

export function isMeasure(text: string | null): text is Measure {
  return MEASURES.some((name) => name === text);
}

/** Parts of these add up to a whole, so they stack; the others are lines. */
export function isAdditive(measure: Measure): boolean {
  const { kind } = MEASURE_INFO[measure];
  return kind === "money" || kind === "count";
}

/** An amount of a row; where no request in it has a price it is unknown, not zero. */
export function amountOf(row: Measures, measure: MoneyField = "cost"): Money {
  return row.requests > 0 && row.unpriced_requests === row.requests ? null : row[measure];
}

/** One measure of one row. No row means nothing happened: zero for sums, nothing measured for rates and latencies. */
export function readMeasure(row: Measures | undefined, measure: Measure): Reading {
  switch (MEASURE_INFO[measure].kind) {
    case "money": {
      const exact = row ? amountOf(row, moneyField(measure)) : "0";
      return { value: toChartNumber(exact), text: formatMoney(exact), exact: formatMoneyExact(exact) };
    }
    case "unit_cost": {
      const each = row ? unitCost(row, measure) : null;
      if (each === null) return { value: null, text: "–", exact: "–" };
      return { value: toChartNumber(each), text: formatMoney(each), exact: formatMoneyExact(each) };
    }
    case "count": {
      const count = row ? (row[measure as "requests"] as number) : 0;
      return { value: count, text: formatCount(count), exact: formatExact(count) };
    }
    case "ratio": {
      const [part, whole] = row ? partsOf(row, measure) : [0, 0];
      const ratio = whole > 0 ? part / whole : null;
      const text = ratio === null ? "–" : formatPercent(ratio);
      return { value: ratio, text, exact: row ? `${text} (${formatExact(part)} of ${formatExact(whole)})` : text };
    }
    case "latency": {
      const latency = row ? (row[measure as "latency_p95_ms"] as number | null) : null;
      return { value: latency, text: formatLatency(latency), exact: formatLatency(latency) };
    }
  }
}

/** Digits for a spreadsheet: the decimal or number itself, empty when there is none. */
export function rawMeasure(row: Measures | undefined, measure: Measure): string | number | null {
  switch (MEASURE_INFO[measure].kind) {
    case "money":
      return row ? amountOf(row, moneyField(measure)) : 0;
    case "unit_cost":
      return row ? unitCost(row, measure) : null;
    case "count":
      return row ? row[measure as "requests"] : 0;
    case "ratio": {
      const [part, whole] = row ? partsOf(row, measure) : [0, 0];
      return whole > 0 ? part / whole : null;
    }
    case "latency":
      return row ? row[measure as "latency_p95_ms"] : null;
  }
}

export function formatAxis(measure: Measure): (coordinate: number) => string {
  switch (MEASURE_INFO[measure].kind) {
    case "money":
    case "unit_cost":
      return (value) => formatAxisMoney(value);
    case "count":
      return (value) => formatCompact(value);
    case "ratio":
      return (value) => formatPercent(value);
    case "latency":
      return (value) => formatLatency(value);
  }
}

/** How a measure moved between two rows; for rates in words of the rate itself. */
export function measureChange(now: Measures | undefined, before: Measures | undefined, measure: Measure): Change | null {
  const a = rawMeasure(now, measure);
  const b = rawMeasure(before, measure);
  if (a === null || b === null) return null;
  const change = describeChange(String(a), String(b));
  if (!change || MEASURE_INFO[measure].kind === "money" || MEASURE_INFO[measure].kind === "unit_cost") return change;
  const amount = readDifference(Number(a) - Number(b), measure);
  const text = change.percent ? `${change.percent} (${amount})` : change.direction === "new" ? `new (${amount})` : change.word;
  return { ...change, amount, text };
}

function readDifference(difference: number, measure: Measure): string {
  const size = Math.abs(difference);
  const { kind } = MEASURE_INFO[measure];
  return kind === "latency" ? formatLatency(size) : kind === "ratio" ? formatPercent(size) : formatCount(size);
}
