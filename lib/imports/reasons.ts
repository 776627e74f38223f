import type { CostReason } from "./schema.ts";

/** Why their cost and ours differ: in a few words, and what it means. */
export const costReasons: Record<CostReason, { label: string; meaning: string }> = {
  equal: { label: "the same", meaning: "Their cost is ours to the last digit." },
  rounding: { label: "rounded in the file", meaning: "The difference is below the last digit that the file writes." },
  tier: { label: "priced at another service tier", meaning: "Their cost is exactly our price of another tier, such as batch." },
  size: { label: "priced for another context size", meaning: "Their cost is exactly our price of a smaller or larger request." },
  cache_ignored: { label: "cached input at the full price", meaning: "They charged tokens from the cache like fresh ones." },
  cache_missing: { label: "file lacks cached input", meaning: "They gave a discount for cached tokens that the file does not tell." },
  their_zero: { label: "free in the file", meaning: "The file says it cost nothing: often the tool knew no price." },
  cache_hit: {
    label: "served by a cache",
    meaning: "The proxy answered from its own cache: no vendor was called, so it costs nothing here.",
  },
  rate: { label: "another rate", meaning: "None of the usual reasons: they calculate with another price." },
  unpriced: { label: "no price here", meaning: "We know no price for this model; set one and it is priced at once." },
  no_cost: { label: "no cost in the file", meaning: "The file does not say what it cost." },
};
