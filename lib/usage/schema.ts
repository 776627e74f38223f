import { z } from "zod";
import { count, type FieldRule, flag, oneOf, quantity, Refusal, requiredText, text } from "../core/field-rules.ts";
import { instant } from "../core/instant.ts";
import { jsonObject } from "../core/json-object.ts";

/** K7. Sizes in bytes (5 MB is 5,000,000), times in milliseconds before and after the door's clock. */
export const trackLimits = {
  bodyBytes: 5_000_000,
  decompressedBytes: 20_000_000,
  events: 5_000,
  tokens: 1_000_000_000_000,
  objectBytes: 16_384,
  objectKeys: 64,
  objectDepth: 16,
  pastMs: 35 * 86_400_000,
  futureMs: 5 * 60_000,
} as const;

const tokens = count(trackLimits.tokens);
const milliseconds = count(2_147_483_647);
const freeJson = jsonObject({ maxBytes: trackLimits.objectBytes, maxKeys: trackLimits.objectKeys, maxDepth: trackLimits.objectDepth });
const stringMap = jsonObject({ maxBytes: trackLimits.objectBytes, maxKeys: trackLimits.objectKeys, maxDepth: 1, stringsOnly: true });

/**
 * Every field of one usage event on the wire, in the order of the contract. Token totals include their parts (`input_tokens` counts
 * cached ones too); a count that was not sent is null, which is not zero. Fields that are not listed are ignored.
 */
export const usageFields = {
  request_id: requiredText(200),
  timestamp: instant(),
  provider: requiredText(64),
  model: requiredText(200),
  endpoint: text(64),
  service_tier: text(32),
  region: text(64),
  input_tokens: tokens,
  cached_input_tokens: tokens,
  cache_write_5m_tokens: tokens,
  cache_write_1h_tokens: tokens,
  input_audio_tokens: tokens,
  cached_input_audio_tokens: tokens,
  output_tokens: tokens,
  reasoning_tokens: tokens,
  output_audio_tokens: tokens,
  web_search_calls: tokens,
  images: tokens,
  audio_seconds: quantity(),
  status: oneOf(["success", "error", "timeout"], "success"),
  error_code: text(200),
  latency_ms: milliseconds,
  time_to_first_token_ms: milliseconds,
  cache_hit: flag(),
  feature: text(200),
  user_id: text(200),
  environment: text(64),
  session_id: text(200),
  trace_id: text(200),
  operation_id: text(200),
  team_id: text(200),
  project_id: text(200),
  tags: stringMap,
  metadata: freeJson,
  prompt_hash: text(128),
  prompt_fingerprint: text(256),
  raw_usage: freeJson,
  normalizer: text(64),
  is_estimated: flag(),
  is_partial: flag(),
} satisfies Record<string, FieldRule<unknown>>;

type Fields = typeof usageFields;

/**
 * One event that passed every rule. `timestamp` is canonical UTC text with microseconds; `tags`, `metadata` and `raw_usage`
 * are JSON text, ready for jsonb; `audio_seconds` is a decimal text; absent optional fields are null (`status` is "success").
 */
export type UsageEvent = { [Name in keyof Fields]: Exclude<ReturnType<Fields[Name]["read"]>, Refusal> };

/** The wire contract of `POST /api/sdk/v1/track`, for documents and clients. The door decides with `readEvent`, by the same rules. */
export const TrackEvent = z.object(Object.fromEntries(Object.entries(usageFields).map(([name, rule]) => [name, rule.zod])));

const ruleOf = new Map<string, FieldRule<unknown>>(Object.entries(usageFields));
const requiredNames = [...ruleOf].filter(([, rule]) => rule.required).map(([name]) => name);

function blankEvent(): UsageEvent {
  const blank: Record<string, unknown> = {};
  for (const [name, rule] of ruleOf) blank[name] = rule.required ? "" : rule.read(undefined);
  return blank as UsageEvent;
}
const blank = blankEvent();

const notAnObject = new Refusal("must be an object");
const missing = new Refusal("is required and must not be blank");

/** A good event, or the field that broke a rule and the rule. */
export type EventReading =
  | { event: UsageEvent; field?: undefined; refusal?: undefined }
  | { event?: undefined; field: string; refusal: Refusal };

/** Reads one event by the rules of `usageFields`. Walks the keys that were sent, so that what is ignored costs nothing. */
export function readEvent(value: unknown): EventReading {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return { field: "event", refusal: notAnObject };
  const sent = value as Record<string, unknown>;
  const event: Record<string, unknown> = { ...blank };
  for (const name of Object.keys(sent)) {
    const rule = ruleOf.get(name);
    if (rule === undefined) continue;
    const read = rule.read(sent[name]);
    if (read instanceof Refusal) return { field: name, refusal: read };
    event[name] = read;
  }
  for (const name of requiredNames) if (event[name] === "") return { field: name, refusal: missing };
  return { event: event as UsageEvent };
}
