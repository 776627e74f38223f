import type { UsageEvent } from "../../lib/usage/schema.ts";
import { readEvent } from "../../lib/usage/schema.ts";

/** A small, fast, seeded generator (mulberry32): the same seed gives the same events on every machine. */
export function randomFrom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

export const models: readonly { provider: string; model: string; endpoint: string }[] = [
  { provider: "openai", model: "gpt-4o", endpoint: "chat.completions" },
  { provider: "openai", model: "gpt-4o-mini", endpoint: "chat.completions" },
  { provider: "openai", model: "gpt-4.1-mini", endpoint: "responses" },
  { provider: "anthropic", model: "claude-sonnet-4-5", endpoint: "messages" },
  { provider: "anthropic", model: "claude-haiku-4-5", endpoint: "messages" },
  { provider: "google", model: "gemini-2.5-flash", endpoint: "generate_content" },
  { provider: "google", model: "gemini-2.5-pro", endpoint: "generate_content" },
  { provider: "deepseek", model: "deepseek-chat", endpoint: "chat.completions" },
];
export const features = ["chat", "search", "summaries", "support", "drafts", "classify"] as const;

const pick = <T>(list: readonly T[], random: () => number): T => list[Math.floor(random() * random() * list.length)]!;

/**
 * One event of ordinary chat traffic: a few models and features that take most of the volume, long-tailed token counts and
 * latencies, some cached input, 2 % errors, one of 2,000 end users, some far more busy than others.
 */
export function makeEvent(requestId: string, atMs: number, random: () => number): UsageEvent {
  const { provider, model, endpoint } = pick(models, random);
  const input = Math.floor(200 + 6000 * random() ** 3);
  const failed = random() < 0.02;
  const { event, field } = readEvent({
    request_id: requestId,
    timestamp: new Date(atMs).toISOString(),
    provider,
    model,
    endpoint,
    input_tokens: failed ? 0 : input,
    cached_input_tokens: failed || random() < 0.6 ? 0 : Math.floor(input * 0.7),
    output_tokens: failed ? 0 : Math.floor(20 + 900 * random() ** 2),
    status: failed ? "error" : "success",
    error_code: failed ? "rate_limit_exceeded" : undefined,
    latency_ms: Math.floor(200 + 8000 * random() ** 4),
    feature: pick(features, random),
    user_id: `user-${Math.floor(2000 * random() ** 3)}`,
    environment: random() < 0.9 ? "production" : "staging",
  });
  if (!event) throw new Error(`the generator broke a rule of ${field}`);
  return event;
}

/** `count` events, `perSecond` apart, request ids `<prefix>-<n>`. */
export function makeEvents(prefix: string, count: number, firstMs: number, perSecond: number, random: () => number): UsageEvent[] {
  return Array.from({ length: count }, (_, index) =>
    makeEvent(`req_${prefix}-${index}`, firstMs + Math.floor((index * 1000) / perSecond), random),
  );
}
