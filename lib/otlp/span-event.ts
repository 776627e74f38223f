import { instantOf } from "../core/instant.ts";
import { type EventReading, readEvent } from "../usage/schema.ts";
import type { Span } from "./span.ts";
import { endpointOf, modelOf, providerOf, serviceTierOf, type TextAt, textIn } from "./span-model.ts";
import type { CallFamily } from "./span-role.ts";
import { rawUsageOf, usageOf } from "./span-usage.ts";

const serviceNameOf = (text: TextAt): string | undefined => {
  const name = text("service.name");
  // What an SDK fills in when nobody named the service.
  return name?.startsWith("unknown_service") ? undefined : name;
};

const limits: Record<string, number> = { provider: 64, service_tier: 32, environment: 64, endpoint: 64, region: 64, normalizer: 64 };

/** Attribution is not worth losing a call over: what is too long is cut, what is no text is replaced. Ids of ours are passed as they are. */
const cut = (field: string, value: string): string => value.slice(0, limits[field] ?? 200).replace(/\0|\p{Surrogate}/gu, "\uFFFD");

/** Seconds or milliseconds of waiting for the first piece of the answer, as whole milliseconds. */
function firstTokenOf({ attributes }: Span): number | undefined {
  const number = (...names: string[]) => names.map((name) => attributes.get(name)).find((value) => typeof value === "number");
  const seconds = number(
    "gen_ai.client.operation.time_to_first_chunk",
    "gen_ai.response.time_to_first_chunk",
    "gen_ai.server.time_to_first_token",
  );
  const milliseconds =
    number("ai.response.msToFirstChunk", "ai.stream.msToFirstChunk") ?? (seconds === undefined ? undefined : seconds * 1_000);
  return milliseconds !== undefined && milliseconds >= 0 && milliseconds < 2 ** 31 ? Math.round(milliseconds) : undefined;
}

function statusOf(span: Span, text: TextAt): { status: string; error_code?: string } {
  const errorType = text("error.type");
  if (!span.isError) return { status: "success" };
  return { status: /time.?out|deadline/i.test(errorType ?? "") ? "timeout" : "error", error_code: cut("error_code", errorType ?? "error") };
}

const ownTexts = ["provider", "model", "endpoint", "service_tier", "region", "feature", "user_id", "environment", "session_id"] as const;
const ownOthers = ["web_search_calls", "images", "audio_seconds", "cache_write_1h_tokens", "cache_hit", "is_estimated"] as const;

/** `tokentra.…` on a span, or for all spans on their resource, comes before what conventions say. Team and project by id or slug. */
function ownFields(span: Span, text: TextAt): Record<string, unknown> {
  const own: Record<string, unknown> = {
    team_id: text("tokentra.team_id", "tokentra.team"),
    project_id: text("tokentra.project_id", "tokentra.project"),
  };
  for (const name of ownTexts) {
    const value = text(`tokentra.${name}`, name === "user_id" ? "tokentra.user" : "");
    if (value !== undefined) own[name] = cut(name, value);
  }
  for (const name of ownOthers) {
    const value = span.attributes.get(`tokentra.${name}`);
    if (value !== undefined) own[name] = value;
  }
  return own;
}

/** Trace and span, which makes a span that is sent again the same record. */
const requestIdOf = ({ traceId, spanId }: Span): string => `${traceId}-${spanId}`;

/**
 * The usage event of a model call. It depends on nothing but the span, its resource and its scope, so that a retry in another batch
 * says the same to the last byte.
 */
export function eventOf(span: Span, family: CallFamily): EventReading {
  const text = textIn(span);
  const fitted = (field: string, value: string | undefined) => (value === undefined ? undefined : cut(field, value));
  const provider = cut("provider", providerOf(text));
  const latency = Number((span.endNano - span.startNano) / 1_000_000n);
  const model = modelOf(text);
  const serviceName = serviceNameOf(text);
  const metadata = {
    "service.name": fitted("service", serviceName),
    "otel.scope": fitted("scope", span.scope === "" ? undefined : span.scope),
    "gen_ai.agent.name": fitted("agent", text("gen_ai.agent.name")),
    "gen_ai.response.id": fitted("id", text("gen_ai.response.id", "ai.response.id")),
  };
  return readEvent({
    request_id: requestIdOf(span),
    timestamp: instantWithMicroseconds(span.startNano),
    provider,
    model: fitted("model", model),
    endpoint: fitted("endpoint", endpointOf(text, family)),
    service_tier: fitted("service_tier", serviceTierOf(text)),
    ...statusOf(span, text),
    ...usageOf(span, provider),
    latency_ms: latency >= 0 && latency < 2 ** 31 ? latency : undefined,
    time_to_first_token_ms: firstTokenOf(span),
    feature: fitted("feature", text("ai.telemetry.functionId", "traceloop.workflow.name") ?? serviceName),
    environment: fitted("environment", text("deployment.environment.name", "deployment.environment")),
    user_id: fitted(
      "user_id",
      text("enduser.id", "user.id", "ai.telemetry.metadata.userId", "traceloop.association.properties.user_id", "llm.user"),
    ),
    session_id: fitted(
      "session_id",
      text("gen_ai.conversation.id", "session.id", "ai.telemetry.metadata.sessionId", "traceloop.association.properties.session_id"),
    ),
    trace_id: span.traceId,
    operation_id: span.parentSpanId ?? span.spanId,
    metadata: Object.fromEntries(Object.entries(metadata).filter(([, value]) => value !== undefined)),
    raw_usage: rawUsageOf(span),
    normalizer: "otlp@1",
    ...ownFields(span, text),
  });
}

function instantWithMicroseconds(nano: bigint): string {
  const milliseconds = Number(nano / 1_000_000n);
  // Beyond what a calendar holds there is no time to write; an empty one is refused by name.
  if (milliseconds > 8_640_000_000_000_000) return "";
  const micros = String((nano / 1_000n) % 1_000n).padStart(3, "0");
  return instantOf(milliseconds).replace(/000Z$/, `${micros}Z`);
}
