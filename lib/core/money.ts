import { Decimal as BaseDecimal } from "decimal.js";

/**
 * Money is a decimal string from SQL to the screen. Here it is only read: rounding (half-even) happens for display alone,
 * sums and prices belong to the database. The one number that leaves is `toChartNumber`, a coordinate.
 */

const Decimal = BaseDecimal.clone({ precision: 80, rounding: BaseDecimal.ROUND_HALF_EVEN, toExpNeg: -200, toExpPos: 200 });

const MINUS = "\u2212";
const SPACE = "\u00a0";
const SYMBOLS: Record<string, string> = { USD: "$", EUR: "€", GBP: "£", JPY: "¥" };

/** What stands where a price is unknown; never 0. */
const UNPRICED = "unpriced";

/** An amount as the database sends it (`numeric::text`), or null when no price is known. */
export type Money = string | null;

function prefix(currency: string): string {
  return SYMBOLS[currency] ?? `${currency}${SPACE}`;
}

function group(digits: string): string {
  return digits.replace(/\B(?=(\d{3})+(?!\d))/g, ",");
}

function withSign(isNegative: boolean, currency: string, plain: string): string {
  const [whole = "0", fraction] = plain.split(".");
  return `${isNegative ? MINUS : ""}${prefix(currency)}${group(whole)}${fraction === undefined ? "" : `.${fraction}`}`;
}

/** Drops zeros at the end but keeps two decimals: `0.0500` → `0.05`, `3` → `3.00`. */
function atLeastCents(plain: string): string {
  const [whole = "0", fraction = ""] = plain.split(".");
  return `${whole}.${fraction.replace(/0+$/, "").padEnd(2, "0")}`;
}

/**
 * An amount for reading: cents from one unit of currency on, two significant digits below it,
 * so that what is not zero never reads as zero. `$1,234.56`, `$0.0042`, `$0.0000031`, `unpriced`.
 */
export function formatMoney(amount: Money, currency = "USD"): string {
  if (amount === null) return UNPRICED;
  const value = new Decimal(amount);
  const size = value.abs();
  if (size.isZero()) return withSign(false, currency, "0.00");
  const shown = size.gte(1) ? size.toDecimalPlaces(2) : size.toSignificantDigits(2);
  return withSign(value.isNegative(), currency, atLeastCents(shown.toFixed()));
}

/** Every stored digit, for hover, focus, receipts and export by hand: `$0.000003125`. */
export function formatMoneyExact(amount: Money, currency = "USD"): string {
  if (amount === null) return UNPRICED;
  const value = new Decimal(amount);
  return withSign(value.isNegative() && !value.isZero(), currency, atLeastCents(value.abs().toFixed()));
}

/** A rate per `per` units, shown per million where units are as small as tokens: `$2.50 / 1M`. The decimal point moves, nothing is rounded. */
export function formatRate(rate: Money, per: number, isPerMillion: boolean, currency = "USD"): string {
  if (rate === null) return UNPRICED;
  if (!isPerMillion) return `${formatMoneyExact(rate, currency)}${per === 1 ? "" : ` / ${group(String(per))}`}`;
  return `${formatMoneyExact(new Decimal(rate).times(1_000_000).div(per).toFixed(), currency)} / 1M`;
}

/** Axis labels: `$1.2k`, `$40`, `$0.002`. Takes a coordinate, so it must never label an amount a person relies on. */
export function formatAxisMoney(coordinate: number, currency = "USD"): string {
  if (coordinate === 0) return withSign(false, currency, "0");
  const size = Math.abs(coordinate);
  const [scale, unit] = size >= 1e9 ? [1e9, "B"] : size >= 1e6 ? [1e6, "M"] : size >= 1e4 ? [1e3, "k"] : [1, ""];
  const plain = new Decimal(size).div(scale).toSignificantDigits(3).toFixed();
  return withSign(coordinate < 0, currency, plain) + unit;
}

/** The only way from money to a floating-point number: a place on a chart. Unpriced draws nothing. */
export function toChartNumber(amount: Money): number {
  return amount === null ? 0 : Number(amount);
}

/** -1, 0 or 1; unpriced sorts below every amount. */
export function compareMoney(a: Money, b: Money): number {
  if (a === null || b === null) return a === b ? 0 : a === null ? -1 : 1;
  return new Decimal(a).comparedTo(b);
}

/** Share of a part in a whole as a ratio, for reading only. Zero wholes have no shares. */
export function shareOf(part: Money, whole: Money): number | null {
  if (part === null || whole === null) return null;
  const total = new Decimal(whole);
  return total.isZero() ? null : new Decimal(part).div(total).toNumber();
}

/** What one of `count` costs, times `per`, for reading only: rounded at 12 digits, never summed. Nothing counted has no such cost. */
export function costPer(amount: Money, count: number, per = 1): Money {
  if (amount === null || count <= 0) return null;
  return new Decimal(amount).times(per).div(count).toDecimalPlaces(12).toFixed();
}

export type Change = {
  direction: "up" | "down" | "none" | "new";
  /** `more`, `less`, `no change`, `new`: colour and arrow never speak alone. */
  word: string;
  /** `+12.4 %`, or null when there is nothing to relate to. */
  percent: string | null;
  /** Signed difference, for reading. */
  amount: string;
  /** `+12.4 % ($1,204.10)` */
  text: string;
};

/** How an amount moved against an earlier one. From nothing there is no percentage, only `new`. */
export function describeChange(now: Money, before: Money, currency = "USD"): Change | null {
  if (now === null || before === null) return null;
  const current = new Decimal(now);
  const earlier = new Decimal(before);
  const difference = current.minus(earlier);
  const amount = formatMoney(difference.abs().toFixed(), currency);
  if (difference.isZero()) return { direction: "none", word: "no change", percent: null, amount, text: "no change" };
  if (earlier.isZero()) return { direction: "new", word: "new", percent: null, amount, text: `new (${amount})` };
  const isMore = difference.isPositive();
  const percent = signedPercent(difference.div(earlier.abs()));
  return { direction: isMore ? "up" : "down", word: isMore ? "more" : "less", percent, amount, text: `${percent} (${amount})` };
}

function signedPercent(ratio: BaseDecimal): string {
  const sign = ratio.isNegative() ? MINUS : "+";
  const size = ratio.abs();
  if (size.lt("0.0005")) return `${sign}<0.1${SPACE}%`;
  // Beyond tenfold a percentage stops being readable.
  if (size.gte(10)) return `×${group(size.plus(1).toSignificantDigits(3).toFixed())}`;
  const [whole = "0", fraction = "0"] = size.times(100).toFixed(1).split(".");
  return `${sign}${group(whole)}.${fraction}${SPACE}%`;
}
