import { compareMoney, formatMoney } from "../core/money.ts";
import { money, text, type Wire } from "./rows.ts";

/** The parts a change of spend falls into, in the order they are told. They sum to the change to the last digit, in SQL. */
export const CHANGE_PARTS = ["volume", "mix", "size", "cache", "fees", "price"] as const;
export type ChangePart = (typeof CHANGE_PARTS)[number];

/** One row of `explain_change`: the whole (`isTotal`) or one key of the dimension. Amounts are signed decimals. */
export type ExplainedChange = Record<ChangePart, string> & {
  key: string;
  label: string;
  isTotal: boolean;
  costBefore: string;
  costAfter: string;
  change: string;
  requestsBefore: number;
  requestsAfter: number;
  /** Keys there are, of which the answer holds the first. */
  totalRows: number;
};

type Words = { label: string; meaning: string; more: string; less: string };

export const CHANGE_PART_WORDS: Record<ChangePart, Words> = {
  volume: { label: "Volume", meaning: "as if all requests had grown or shrunk alike", more: "more requests", less: "fewer requests" },
  mix: {
    label: "Mix",
    meaning: "the shift between models and rows, new and gone ones included",
    more: "costlier mix of calls",
    less: "cheaper mix of calls",
  },
  size: {
    label: "Size",
    meaning: "tokens per request, at the prices of before",
    more: "longer prompts and answers",
    less: "shorter prompts and answers",
  },
  cache: {
    label: "Cache",
    meaning: "what share of the input came from a cache or was written to one",
    more: "less from the cache",
    less: "more from the cache",
  },
  fees: {
    label: "Fees",
    meaning: "searches, images and other units per request",
    more: "more fees per request",
    less: "fewer fees per request",
  },
  price: { label: "Price", meaning: "rates and service tiers", more: "higher prices", less: "lower prices" },
};

export function toExplainedChange(row: Wire): ExplainedChange {
  const amount = (name: string) => money(row[name]) ?? "0";
  return {
    key: text(row.key),
    label: text(row.label),
    isTotal: row.is_total === true,
    costBefore: amount("cost_before"),
    costAfter: amount("cost_after"),
    change: amount("change"),
    volume: amount("volume"),
    mix: amount("mix"),
    size: amount("size"),
    cache: amount("cache"),
    fees: amount("fees"),
    price: amount("price"),
    requestsBefore: Number(row.requests_before ?? 0),
    requestsAfter: Number(row.requests_after ?? 0),
    totalRows: Number(row.total_rows ?? 0),
  };
}

/**
 * Where a part was divided it was rounded at 18 digits, and what that left over is in the last part. Below this it is no reason for
 * anything: it stays in the exact figures and the file, and reads as "≈ 0".
 */
const DUST = "0.000000000001";

export function isDust(amount: string): boolean {
  return compareMoney(size(amount), DUST) < 0;
}

/** A signed amount that says its direction: `+$30.10`, `−$0.90`, `$0.00`, and `≈ 0` for what rounding left. */
export function formatSigned(amount: string): string {
  if (isDust(amount) && compareMoney(amount, "0") !== 0) return "≈ 0";
  return compareMoney(amount, "0") > 0 ? `+${formatMoney(amount)}` : formatMoney(amount);
}

/** Largest part first: "$41.20 more: $30.10 more requests, $12.00 longer prompts and answers, −$0.90 lower prices." */
export function changeSentence(row: ExplainedChange): string {
  const direction = compareMoney(row.change, "0");
  const parts = CHANGE_PARTS.filter((part) => !isDust(row[part]))
    .sort((a, b) => compareMoney(size(row[b]), size(row[a])))
    .map((part) => `${formatMoney(row[part])} ${wordOf(part, row[part])}`);
  const whole = direction === 0 ? "No change in cost" : `${formatMoney(size(row.change))} ${direction > 0 ? "more" : "less"}`;
  return parts.length > 0 ? `${whole}: ${parts.join(", ")}.` : `${whole}.`;
}

function wordOf(part: ChangePart, amount: string): string {
  const words = CHANGE_PART_WORDS[part];
  return compareMoney(amount, "0") > 0 ? words.more : words.less;
}

/** The amount without its sign. */
function size(amount: string): string {
  return amount.startsWith("-") ? amount.slice(1) : amount;
}
