import type { ModelAlias } from "../../lib/pricing/price-book.ts";

/**
 * Dated snapshots that vendors document and the catalogue only catches by a prefix. Listed here they are exact; a snapshot that
 * nobody has listed yet stays an estimate.
 */
const snapshots: { platform: string; source: string; names: Record<string, string[]> }[] = [
  {
    platform: "anthropic",
    source: "https://platform.claude.com/docs/en/about-claude/models/overview",
    names: {
      "claude-3-haiku": ["claude-3-haiku-20240307"],
      "claude-3-opus-latest": ["claude-3-opus-20240229"],
      "claude-3-sonnet": ["claude-3-sonnet-20240229"],
      "claude-3-5-sonnet": ["claude-3-5-sonnet-20240620", "claude-3-5-sonnet-20241022", "claude-3-5-sonnet-latest"],
      "claude-3-5-haiku-latest": ["claude-3-5-haiku-20241022"],
      "claude-3-7-sonnet-latest": ["claude-3-7-sonnet-20250219"],
      "claude-sonnet-4-0": ["claude-sonnet-4-20250514"],
      "claude-opus-4-0": ["claude-opus-4-20250514"],
      "claude-opus-4-1": ["claude-opus-4-1-20250805"],
      "claude-sonnet-4-5": ["claude-sonnet-4-5-20250929"],
      "claude-haiku-4-5": ["claude-haiku-4-5-20251001"],
      "claude-opus-4-5": ["claude-opus-4-5-20251101"],
    },
  },
  {
    platform: "google",
    source: "https://ai.google.dev/gemini-api/docs/models",
    names: {
      "gemini-2.0-flash": ["gemini-2.0-flash-001"],
      "gemini-2.0-flash-lite": ["gemini-2.0-flash-lite-001"],
      "gemini-1.5-flash": ["gemini-1.5-flash-001", "gemini-1.5-flash-002"],
      "gemini-1.5-pro": ["gemini-1.5-pro-001", "gemini-1.5-pro-002"],
      "claude-4-opus": ["claude-opus-4@20250514", "claude-opus-4-1@20250805"],
      "claude-4-sonnet": ["claude-sonnet-4@20250514"],
      "claude-sonnet-4-5": ["claude-sonnet-4-5@20250929"],
      "claude-3-7-sonnet": ["claude-3-7-sonnet@20250219"],
      "claude-3-5-haiku": ["claude-3-5-haiku@20241022"],
      "claude-3-haiku": ["claude-3-haiku@20240307"],
    },
  },
  {
    platform: "aws",
    source: "https://docs.aws.amazon.com/bedrock/latest/userguide/inference-profiles-support.html",
    names: {
      ...profiles("claude-haiku-4-5-20251001-v1:0", ["us", "eu", "au", "jp"]),
      ...profiles("claude-sonnet-4-5-20250929-v1:0", ["us", "eu", "au", "jp"]),
      ...profiles("claude-sonnet-4-20250514-v1:0", ["us", "eu", "apac"]),
      ...profiles("claude-opus-4-1-20250805-v1:0", ["us"]),
      ...profiles("claude-opus-4-20250514-v1:0", ["us"]),
    },
  },
];

/** Bedrock's regional inference profiles of a Claude model share a price, which is not the global profile's. */
function profiles(name: string, regions: string[]): Record<string, string[]> {
  return { [`regional.anthropic.${name}`]: [`anthropic.${name}`, ...regions.map((region) => `${region}.anthropic.${name}`)] };
}

export const modelNames: ModelAlias[] = snapshots.flatMap(({ platform, source, names }) =>
  Object.entries(names).flatMap(([model, aliases]) =>
    aliases.map((name): ModelAlias => ({ platform, position: 1, name, model, is_exact: true, source })),
  ),
);

/** OpenAI's moderation models carry versions in their names; all are free. */
export const freeModerationNames: ModelAlias[] = ["omni-moderation-latest", "omni-moderation-2024-09-26", "text-moderation-latest"].map(
  (name) => ({
    platform: "openai",
    position: 1,
    name,
    model: "moderation",
    is_exact: true,
    source: "https://developers.openai.com/api/docs/guides/moderation",
  }),
);
