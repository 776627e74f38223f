// What clouds call their lines (usage types, SKUs, meters) in words of ours. They bill by product, not by API name, so that a model is read
// as far as its family, version and size are named.
import type { CostComponent } from "./billing.ts";

const componentPatterns: readonly [RegExp, CostComponent][] = [
  [/cache[ _-]?writ|cch[ _-]?wr/i, "cache_write"],
  [/cach|cchd?\b/i, "cached_input"],
  [/outp|output|completion|response/i, "output"],
  [/inp|input|prompt/i, "input"],
];

/** The component of cost a line belongs to; "other" when its name does not say. */
export function componentOf(line: string): CostComponent {
  return componentPatterns.find(([pattern]) => pattern.test(line))?.[1] ?? "other";
}

const families: readonly { pattern: RegExp; name: (parts: readonly string[]) => string }[] = [
  {
    pattern: /claude[\s_-]*(\d(?:[.\s_-]?\d)?)?[\s_-]*(opus|sonnet|haiku|instant)[\s_-]*(\d(?:[.\s_-]\d)?)?/i,
    name: ([before, size, after]) => dashed("claude", before, size, after),
  },
  {
    pattern: /gemini[\s_-]*(\d(?:\.\d)?)[\s_-]*(flash[\s_-]*lite|flash|pro|ultra|nano)/i,
    name: ([version, size]) => `gemini-${version}-${lower(size)}`,
  },
  {
    pattern: /gpt[\s_-]*(\d(?:\.\d)?o?)(?:[\s_-]*(mini|nano|turbo|codex))?/i,
    name: ([version, size]) => ["gpt", lower(version), size && lower(size)].filter(Boolean).join("-"),
  },
  {
    pattern: /\b(o[134])(?:[\s_-]*(mini|pro))?\b/i,
    name: ([model, size]) => [lower(model), size && lower(size)].filter(Boolean).join("-"),
  },
  { pattern: /nova[\s_-]*(micro|lite|pro|premier)/i, name: ([size]) => `nova-${lower(size)}` },
  { pattern: /llama[\s_-]*(\d(?:[.-]\d)?)[\s_-]*(\d+b)?/i, name: ([version, size]) => dashed("llama", version, size) },
  { pattern: /text[\s_-]*embedding[\s_-]*(3[\s_-]*(?:small|large)|ada[\s_-]*002)/i, name: ([model]) => `text-embedding-${lower(model)}` },
];

const lower = (text = ""): string => text.toLowerCase().replace(/[\s_-]+/g, "-");
const dashed = (...parts: (string | undefined)[]): string =>
  parts
    .filter((part): part is string => Boolean(part))
    .map((part) => lower(part).replaceAll(".", "-"))
    .join("-");

/** The model a line names, empty when it names none that is known here. */
export function modelOf(line: string): string {
  for (const { pattern, name } of families) {
    const match = pattern.exec(line);
    if (match) return name(match.slice(1));
  }
  return "";
}

/** The tier a line names. */
export function tierOfLine(line: string): string {
  if (/batch/i.test(line)) return "batch";
  if (/priority/i.test(line)) return "priority";
  return /flex/i.test(line) ? "flex" : "standard";
}

const tokenUnits: readonly [RegExp, string][] = [
  [/^(1\s*k|1,?000|thousand)\s*(tokens?|characters?)?$/i, "1000"],
  [/^(1\s*m|1,?000,?000|million)\s*tokens?$/i, "1000000"],
  [/^(tokens?|count)$/i, "1"],
];

/** How many tokens one of the provider's units is, as decimal text; null when the unit is no number of tokens. */
export function tokensPer(unit: string): string | null {
  return tokenUnits.find(([pattern]) => pattern.test(unit.trim()))?.[1] ?? null;
}

/** The unit that reconciliation counts a component in; null for what is not counted in tokens. */
export function unitOf(component: CostComponent): string | null {
  const units: Partial<Record<CostComponent, string>> = {
    input: "input_tokens",
    cached_input: "cached_input_tokens",
    cache_write: "cache_write_5m_tokens",
    output: "output_tokens",
  };
  return units[component] ?? null;
}
