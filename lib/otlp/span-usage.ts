import { type Attributes, type AttributeValue, isCount, type Span } from "./span.ts";

/** Where each count stands, the current name first, then the older and other spellings. */
const spellings = {
  input: [
    "gen_ai.usage.input_tokens",
    "gen_ai.usage.prompt_tokens",
    "llm.token_count.prompt",
    "llm.usage.prompt_tokens",
    "ai.usage.inputTokens",
    "ai.usage.promptTokens",
    "ai.usage.tokens",
  ],
  output: [
    "gen_ai.usage.output_tokens",
    "gen_ai.usage.completion_tokens",
    "llm.token_count.completion",
    "llm.usage.completion_tokens",
    "ai.usage.outputTokens",
    "ai.usage.completionTokens",
  ],
  total: ["gen_ai.usage.total_tokens", "llm.token_count.total", "llm.usage.total_tokens", "ai.usage.totalTokens"],
  cacheRead: [
    "gen_ai.usage.cache_read.input_tokens",
    "gen_ai.usage.cache_read_input_tokens",
    "gen_ai.usage.cache_read_tokens",
    "gen_ai.usage.input_tokens.cached",
    "gen_ai.usage.input_tokens_details.cached_tokens",
    "gen_ai.usage.prompt_tokens_details.cached_tokens",
    "gen_ai.usage.cached_input_tokens",
    "gen_ai.usage.details.cache_read_tokens",
    "gen_ai.usage.details.cached_tokens",
    "llm.token_count.prompt_details.cache_read",
    "llm.token_count.prompt_details.cache_input",
    "llm.usage.cache_read_input_tokens",
    "ai.usage.inputTokenDetails.cacheReadTokens",
    "ai.usage.cachedInputTokens",
  ],
  cacheWrite: [
    "gen_ai.usage.cache_write.input_tokens",
    "gen_ai.usage.cache_creation.input_tokens",
    "gen_ai.usage.cache_creation_input_tokens",
    "gen_ai.usage.cache_write_input_tokens",
    "gen_ai.usage.cache_write_tokens",
    "gen_ai.usage.input_tokens.cache_write",
    "gen_ai.usage.details.cache_write_tokens",
    "gen_ai.usage.details.cache_creation_input_tokens",
    "llm.token_count.prompt_details.cache_write",
    "llm.usage.cache_creation_input_tokens",
    "ai.usage.inputTokenDetails.cacheWriteTokens",
  ],
  reasoning: [
    "gen_ai.usage.reasoning.output_tokens",
    "gen_ai.usage.reasoning_tokens",
    "gen_ai.usage.output_tokens.reasoning",
    "gen_ai.usage.output_tokens_details.reasoning_tokens",
    "gen_ai.usage.completion_tokens_details.reasoning_tokens",
    "gen_ai.usage.details.reasoning_tokens",
    "llm.token_count.completion_details.reasoning",
    "llm.usage.reasoning_tokens",
    "ai.usage.outputTokenDetails.reasoningTokens",
    "ai.usage.reasoningTokens",
  ],
  cacheWriteHour: ["anthropic.usage.cache_creation.ephemeral_1h_input_tokens"],
  inputAudio: ["gen_ai.usage.audio.input_tokens", "gen_ai.usage.details.input_audio_tokens", "llm.token_count.prompt_details.audio"],
  cacheReadAudio: ["gen_ai.usage.audio.cache_read.input_tokens", "gen_ai.usage.details.cache_audio_read_tokens"],
  outputAudio: ["gen_ai.usage.audio.output_tokens", "gen_ai.usage.details.output_audio_tokens", "llm.token_count.completion_details.audio"],
} as const satisfies Record<string, readonly string[]>;

/** A count as the reader of events takes it: digits as a number, anything else as it is, so that it is refused by name. */
function countAt(attributes: Attributes, names: readonly string[]): AttributeValue | undefined {
  for (const name of names) {
    const value = attributes.get(name);
    if (value === undefined || value === "") continue;
    return typeof value === "string" && /^\d{1,15}$/.test(value) ? Number(value) : value;
  }
  return undefined;
}

/** Instrumentations that hand on Anthropic's own count, which leaves cached and written tokens out, under the name that includes them. */
const exclusiveScopes = new Set(["@traceloop/instrumentation-anthropic"]);

/**
 * Whether the input count leaves the cached tokens out. The conventions say it includes them; it is taken otherwise only on evidence:
 * a known instrumentation, a total that adds up in no other way, or parts of an Anthropic call that exceed their whole.
 */
function leavesCacheOut(span: Span, provider: string, input: number, cached: number, output: unknown, total: unknown): boolean {
  if (cached === 0) return false;
  if (exclusiveScopes.has(span.scope)) return true;
  if (typeof output === "number" && total === input + output + cached) return true;
  const isAnthropic = /anthropic|claude|bedrock|aws/.test(provider);
  // Until its version 6 the Vercel AI SDK passed Anthropic's count through; since then the details come with it.
  const isOldVercel =
    span.attributes.has("ai.usage.cachedInputTokens") && !span.attributes.has("ai.usage.inputTokenDetails.cacheReadTokens");
  return isAnthropic && (cached > input || isOldVercel);
}

/**
 * The counts of a span as inclusive totals with their parts, in the fields of a usage event. What contradicts itself is handed on as
 * sent: the database marks it, nothing is clamped here.
 */
export function usageOf(span: Span, provider: string): Record<string, unknown> {
  const at = (name: keyof typeof spellings) => countAt(span.attributes, spellings[name]);
  const [input, output, cacheRead, cacheWrite, total] = [at("input"), at("output"), at("cacheRead"), at("cacheWrite"), at("total")];
  const cached = (typeof cacheRead === "number" ? cacheRead : 0) + (typeof cacheWrite === "number" ? cacheWrite : 0);
  const forAnHour = at("cacheWriteHour");
  const isSplit = typeof cacheWrite === "number" && typeof forAnHour === "number" && forAnHour <= cacheWrite;
  const isExclusive = typeof input === "number" && leavesCacheOut(span, provider, input, cached, output, total);
  return {
    input_tokens: isExclusive ? input + cached : input,
    cached_input_tokens: cacheRead,
    // Written for five minutes, unless the vendor says for how long.
    cache_write_5m_tokens: isSplit ? cacheWrite - forAnHour : cacheWrite,
    cache_write_1h_tokens: isSplit ? forAnHour : undefined,
    input_audio_tokens: at("inputAudio"),
    cached_input_audio_tokens: at("cacheReadAudio"),
    output_tokens: output,
    reasoning_tokens: at("reasoning"),
    output_audio_tokens: at("outputAudio"),
  };
}

/** The counts under the names they came with, so that history can be read again. Only numbers: no text gets in this way. */
export function rawUsageOf({ attributes }: Span): Record<string, number> | undefined {
  const raw: Record<string, number> = {};
  let size = 0;
  for (const [name, value] of attributes) {
    if (typeof value !== "number" || !Number.isFinite(value) || !isCount(name) || name.length > 100 || size >= 40) continue;
    raw[name] = value;
    size++;
  }
  return size === 0 ? undefined : raw;
}
