import { perOne } from "../../lib/pricing/decimals.ts";
import type { Multiplier, Rate } from "../../lib/pricing/price-book.ts";

/**
 * Our own rows: what vendors charge by tier and place, which the catalogue does not know. `source` is the vendor's page and `read` the day
 * on which its figures were checked, on copies and quotations of it. What could not be checked is not here: it is an estimate.
 */
const read = "2026-11-21";
const tierStep = 10;
const placeStep = 30;

const openaiPricing = "https://developers.openai.com/api/docs/pricing";
const claudePricing = "https://platform.claude.com/docs/en/about-claude/pricing";
const geminiTiers = "https://ai.google.dev/gemini-api/docs/optimization";
const xaiPricing = "https://docs.x.ai/developers/pricing";

const tier = (platform: string, service_tier: string, factor: string, source: string, model_pattern?: string): Multiplier => ({
  platform,
  service_tier,
  factor,
  step: tierStep,
  label: service_tier,
  source,
  source_checked_on: read,
  ...(model_pattern === undefined ? {} : { model_pattern }),
});

const place = (platform: string, region_pattern: string, factor: string, source: string, model_pattern?: string): Multiplier => ({
  platform,
  region_pattern,
  factor,
  step: placeStep,
  label: "residency",
  source,
  source_checked_on: read,
  ...(model_pattern === undefined ? {} : { model_pattern }),
});

export const multipliers: Multiplier[] = [
  tier("openai", "batch", "0.5", openaiPricing),
  tier("openai", "flex", "0.5", openaiPricing, "^(gpt-5|gpt-6|o3$|o4-mini$)"),
  // Priority processing was renamed fast mode on 2026-07-30; both spellings are served.
  ...["priority", "fast"].map((name) => tier("openai", name, "2", "https://openai.com/api-fast-mode/", "^(gpt-5\\.6-|gpt-6-)")),
  place("openai", "^(us|eu|uk|au|ca|jp|in|sg|kr|ae)$", "1.1", openaiPricing, "^(gpt-5\\.[456]|gpt-6)"),

  tier("anthropic", "batch", "0.5", claudePricing),
  tier("anthropic", "fast", "6", claudePricing, "^claude-opus-4-6$"),
  tier("anthropic", "fast", "2", claudePricing, "^claude-opus-5$"),
  place("anthropic", "^us$", "1.1", claudePricing, "^claude-(opus-4-[6-9]|sonnet-4-[6-9]|opus-5|sonnet-5|fable)"),

  tier("google", "batch", "0.5", geminiTiers, "^gemini"),
  tier("google", "flex", "0.5", geminiTiers, "^gemini"),
  tier("google", "priority", "1.8", "https://ai.google.dev/gemini-api/docs/pricing", "^gemini-3\\.[78]-flash"),
  place(
    "google",
    "^(?!global$).+",
    "1.1",
    "https://cloud.google.com/vertex-ai/generative-ai/pricing#claude-models",
    "^claude-(opus-5|fable-5-1)",
  ),

  place("x-ai", "^us$", "1.1", xaiPricing),

  tier("voyageai", "batch", "0.67", "https://docs.voyageai.com/docs/pricing"),
];

/** Fast mode (priority) of the models whose factor is uneven: dollars per million for input, cached input and output, below 272K. */
const fastMode: Record<string, [input: string, cached: string | null, output: string]> = {
  "gpt-5.5": ["12.5", "1.25", "75"],
  "gpt-5.4": ["5", "0.5", "30"],
  "gpt-5.4-mini": ["1.5", "0.15", "9"],
  "gpt-5.2": ["3.5", "0.35", "28"],
  "gpt-5.1": ["2.5", "0.25", "20"],
  "gpt-5": ["2.5", "0.25", "20"],
  "gpt-5-mini": ["0.45", "0.045", "3.6"],
  "gpt-4.1": ["3.5", "0.875", "14"],
  "gpt-4.1-mini": ["0.7", "0.175", "2.8"],
  "gpt-4.1-nano": ["0.2", "0.05", "0.8"],
  "gpt-4o": ["4.25", "2.125", "17"],
  "gpt-4o-2024-05-13": ["8.75", null, "26.25"],
  "gpt-4o-mini": ["0.25", "0.125", "1"],
};

export const tierRates: Rate[] = Object.entries(fastMode).flatMap(([model, [input, cached, output]]) =>
  ["priority", "fast"].flatMap((service_tier) =>
    Object.entries({ input_tokens: input, cached_input_tokens: cached, output_tokens: output }).flatMap(([unit, dollars]) =>
      dollars === null
        ? []
        : [
            {
              platform: "openai",
              model,
              unit,
              service_tier,
              context_tokens: "[0,272000)",
              rate: perOne(dollars, 6),
              source: "https://openai.com/api-fast-mode/",
              source_checked_on: read,
            },
          ],
    ),
  ),
);

/** Dollars per thousand calls of tools that vendors run beside a model. */
export const toolFees: { platform: string; models: RegExp; unit: string; perThousand: string; source: string }[] = [
  // Kept context is charged by the hour it is kept, per token; what a read of it costs is a rate of its own.
  {
    platform: "google",
    models: /^gemini-2\.5-pro$/,
    unit: "cache_storage_token_hours",
    perThousand: "0.0045",
    source: "https://ai.google.dev/gemini-api/docs/pricing",
  },
  // Up to Gemini 2.5 a grounded prompt is one fee however many queries it ran; from Gemini 3 on every query is.
  {
    platform: "google",
    models: /^gemini-2\.[05]-(flash|pro|flash-lite)$/,
    unit: "web_search_calls",
    perThousand: "35",
    source: "https://ai.google.dev/gemini-api/docs/pricing",
  },
  {
    platform: "google",
    models: /^gemini-3[.-]/,
    unit: "web_search_calls",
    perThousand: "14",
    source: "https://ai.google.dev/gemini-api/docs/pricing",
  },
  ...Object.entries({
    web_search_calls: "5",
    x_search_calls: "5",
    code_execution_calls: "5",
    attachment_search_calls: "10",
    file_search_calls: "2.5",
  }).map(([unit, perThousand]) => ({ platform: "x-ai", models: /^grok-(?!voice)/, unit, perThousand, source: xaiPricing })),
];

/** Vendors that bill at least so much of a unit per request. */
export const minimumQuantities: { platform: string; models: RegExp; unit: string; minimum: string }[] = [
  { platform: "groq", models: /^whisper-large-v3/, unit: "audio_seconds", minimum: "10" },
  { platform: "groq", models: /^whisper-large-v3/, unit: "input_audio_seconds", minimum: "10" },
];

/** Models without a price in the catalogue that are free of charge; every other model without a price stays unpriced. */
export const freeModels: { platform: string; models: RegExp; source: string }[] = [
  { platform: "openai", models: /^moderation$/, source: "https://developers.openai.com/api/docs/guides/moderation" },
  { platform: "google", models: /^gemma-(3|3n|4-26b-a4b-it|4-31b-it)$/, source: "https://ai.google.dev/gemini-api/docs/pricing" },
  {
    platform: "github-copilot",
    models: /^gpt-(3\.5-turbo|4\.1|4o|4o-mini)$/,
    source: "https://docs.github.com/en/copilot/reference/copilot-billing/models-and-pricing",
  },
  { platform: "openrouter", models: /:free$/, source: "https://openrouter.ai/models" },
];

/** Prices the catalogue's own remarks call an upper bound or a conversion: what they give is an estimate. */
export const uncertainPrices: { platform: string; models: RegExp; why: string }[] = [
  {
    platform: "perplexity",
    models: /^sonar(-pro|-reasoning|-reasoning-pro)?$/,
    why: "the fee per request depends on the search depth; the highest is listed",
  },
  { platform: "zhipuai", models: /./, why: "billed in yuan, converted at a fixed rate, cheapest tier" },
];
