import { type CallMetadata, wireMetadata } from "./metadata.ts";

/** Counts of a call. Totals include their parts: `input_tokens` counts cached tokens too, `output_tokens` counts reasoning. */
export type Usage = {
  input_tokens?: number;
  cached_input_tokens?: number;
  cache_write_5m_tokens?: number;
  cache_write_1h_tokens?: number;
  input_audio_tokens?: number;
  cached_input_audio_tokens?: number;
  output_tokens?: number;
  reasoning_tokens?: number;
  output_audio_tokens?: number;
  web_search_calls?: number;
  images?: number;
  audio_seconds?: string | number;
};

/** One event as `POST /api/sdk/v1/track` takes it. */
export type WireEvent = Usage &
  ReturnType<typeof wireMetadata> & {
    request_id: string;
    /** RFC 3339 with zone: when the call began. */
    timestamp: string;
    provider: string;
    model: string;
    endpoint?: string;
    service_tier?: string;
    region?: string;
    status?: "success" | "error" | "timeout";
    error_code?: string;
    latency_ms?: number;
    time_to_first_token_ms?: number;
    cache_hit?: boolean;
    /** The vendor's own usage object, untouched, so that history can be read again. */
    raw_usage?: Record<string, unknown>;
    /** Which reader produced the counts, with its version. */
    normalizer?: string;
    is_estimated?: boolean;
    is_partial?: boolean;
  };

/** A usage event reported by hand. Token totals include their parts, as in the API. */
export type TrackEvent = CallMetadata & {
  provider: string;
  model: string;
  /** The idempotency key: sending one twice counts once. Default: a random one. */
  requestId?: string;
  /** When the call happened. Default: now. A text must be RFC 3339 with a zone. */
  timestamp?: Date | string;
  endpoint?: string;
  serviceTier?: string;
  region?: string;
  /** All input, cached and written tokens included. */
  inputTokens?: number;
  cachedInputTokens?: number;
  cacheWrite5mTokens?: number;
  cacheWrite1hTokens?: number;
  inputAudioTokens?: number;
  cachedInputAudioTokens?: number;
  /** All output, reasoning included. */
  outputTokens?: number;
  reasoningTokens?: number;
  outputAudioTokens?: number;
  webSearchCalls?: number;
  images?: number;
  audioSeconds?: string | number;
  status?: "success" | "error" | "timeout";
  errorCode?: string;
  latencyMs?: number;
  timeToFirstTokenMs?: number;
  cacheHit?: boolean;
  rawUsage?: Record<string, unknown>;
  isEstimated?: boolean;
};

export function wireEvent(event: TrackEvent): WireEvent {
  const at = event.timestamp ?? new Date();
  return {
    request_id: event.requestId ?? crypto.randomUUID(),
    timestamp: typeof at === "string" ? at : at.toISOString(),
    provider: event.provider,
    model: event.model,
    endpoint: event.endpoint,
    service_tier: event.serviceTier,
    region: event.region,
    input_tokens: event.inputTokens,
    cached_input_tokens: event.cachedInputTokens,
    cache_write_5m_tokens: event.cacheWrite5mTokens,
    cache_write_1h_tokens: event.cacheWrite1hTokens,
    input_audio_tokens: event.inputAudioTokens,
    cached_input_audio_tokens: event.cachedInputAudioTokens,
    output_tokens: event.outputTokens,
    reasoning_tokens: event.reasoningTokens,
    output_audio_tokens: event.outputAudioTokens,
    web_search_calls: event.webSearchCalls,
    images: event.images,
    audio_seconds: event.audioSeconds,
    status: event.status,
    error_code: event.errorCode,
    latency_ms: event.latencyMs,
    time_to_first_token_ms: event.timeToFirstTokenMs,
    cache_hit: event.cacheHit,
    raw_usage: event.rawUsage,
    is_estimated: event.isEstimated,
    ...wireMetadata(event),
  };
}

const LARGEST_OBJECT_BYTES = 16_000;
const MOST_KEYS = 64;

/**
 * Text of an event as it will be sent, fixed now: whatever the caller changes later, every retry sends the same. Free objects that
 * cannot be sent (no JSON, or over the limits of the API) are left out and named, since they would cost the whole event.
 */
export function serialize(event: WireEvent): { text: string; leftOut: string[] } {
  const leftOut: string[] = [];
  const fitting = (name: "metadata" | "tags" | "raw_usage"): string | undefined => {
    const value = event[name];
    if (value === undefined) return undefined;
    try {
      const text = toText(value);
      if (Object.keys(value).length <= MOST_KEYS && text.length <= LARGEST_OBJECT_BYTES) return `"${name}":${text}`;
    } catch {
      // A cycle, or a toJSON that throws.
    }
    leftOut.push(name);
    return undefined;
  };
  const objects = [fitting("metadata"), fitting("tags"), fitting("raw_usage")].filter((part) => part !== undefined);
  const rest = toText({ ...event, metadata: undefined, tags: undefined, raw_usage: undefined });
  return { text: `${[rest.slice(0, -1), ...objects].join(",")}}`, leftOut };
}

/** Characters that no database text can hold (NUL, half a surrogate pair) are replaced; JSON writes them as escapes, so few texts need the slow way. */
function toText(value: object): string {
  try {
    const text = JSON.stringify(value);
    if (!/\\u0000|\\ud[89a-f]/.test(text)) return text;
  } catch {
    // A bigint, which the slow way can write, or a cycle, which it cannot either.
  }
  return JSON.stringify(value, (_key, item: unknown) => {
    if (typeof item === "string") return item.replace(/\0|\p{Surrogate}/gu, "\uFFFD");
    return typeof item === "bigint" ? item.toString() : item;
  });
}
