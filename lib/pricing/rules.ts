import { formatMoneyExact, formatRate } from "../core/money.ts";

const UNIT_LABELS: Record<string, string> = {
  input_tokens: "Input tokens",
  cached_input_tokens: "Cached input tokens",
  cache_write_5m_tokens: "Cache write tokens, 5 min",
  cache_write_1h_tokens: "Cache write tokens, 1 h",
  output_tokens: "Output tokens",
  cache_storage_token_hours: "Cache storage, token hours",
  web_search_calls: "Web searches",
  requests: "Request fee",
};

/** A unit of the price book in words. */
export function unitWords(unit: string): string {
  const words = UNIT_LABELS[unit] ?? unit.replaceAll("_", " ");
  return words.charAt(0).toUpperCase() + words.slice(1);
}

/** Units so small that people quote them by the million. */
export function isPerMillion(unit: string): boolean {
  return unit.endsWith("_tokens") || unit.endsWith("_token_hours") || unit === "characters";
}

/** `$2.50 / 1M`, `$0.36 / hour`, `$0.01 each`; exact, the decimal point moves and nothing is rounded. Null: nothing is known. */
export function rateWords(unit: string, rate: string | null, per = 1): string {
  if (rate === null) return "–";
  if (isPerMillion(unit)) return formatRate(rate, per, true);
  if (per === 3600 && unit.endsWith("_seconds")) return `${formatMoneyExact(rate)} / hour`;
  return per === 1 ? `${formatMoneyExact(rate)} each` : formatRate(rate, per, false);
}

/** `up to 200,000`, `over 272,000` … of total input; empty where size does not matter. Bounds are [min, max). */
export function contextWords(min: number, max: number | null): string {
  const digits = (value: number) => String(value).replace(/\B(?=(\d{3})+(?!\d))/g, ",");
  if (min === 0) return max === null ? "" : `input below ${digits(max)}`;
  return max === null ? `input from ${digits(min)}` : `input ${digits(min)} to ${digits(max - 1)}`;
}

export const REASON_WORDS: Record<string, string> = {
  provider: "Unknown provider",
  model: "Unknown model",
  unit: "A unit without a price",
};
