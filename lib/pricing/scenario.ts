/** What is changed in thought; null = left as it was. Shares are decimal text from 0 to 1. */
export type Scenario = {
  provider: string | null;
  model: string | null;
  tier: string | null;
  share: string | null;
  cached: string | null;
  prices: "then" | "today";
};

const WHOLE_PERCENT = /^(100|\d{1,2})$/;

/** `35` (percent) → `0.35`; null for what is no whole percentage. */
function readPercent(text: string | null): string | null {
  if (text === null || !WHOLE_PERCENT.test(text)) return null;
  return text === "100" ? "1" : `0.${text.padStart(2, "0")}`;
}

/** The scenario in the address: `as=openai/gpt-4o-mini`, `in=batch`, `share=30`, `cached=60`, `prices=today`. */
export function readScenario(params: URLSearchParams): Scenario {
  const as = params.get("as") ?? "";
  const cut = as.indexOf("/");
  const isModel = cut > 0 && cut < as.length - 1;
  const tier = params.get("in");
  return {
    provider: isModel ? as.slice(0, cut) : null,
    model: isModel ? as.slice(cut + 1) : null,
    tier: tier || null,
    share: tier ? readPercent(params.get("share")) : null,
    cached: readPercent(params.get("cached")),
    prices: params.get("prices") === "today" ? "today" : "then",
  };
}

/** Whether anything differs from what happened. */
export function isChanged(scenario: Scenario): boolean {
  return scenario.model !== null || scenario.tier !== null || scenario.cached !== null || scenario.prices === "today";
}
