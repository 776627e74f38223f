// Spans as a test writes them, and the request that carries them in OTLP's JSON encoding.
import { randomBytes } from "node:crypto";

type Value = string | number | boolean;

export type SentSpan = {
  traceId?: string;
  spanId?: string;
  parentSpanId?: string;
  /** Milliseconds since 1970, and how many the span took. */
  startMs?: number;
  tookMs?: number;
  isError?: boolean;
  scope?: string;
  attributes?: Record<string, Value>;
};

export const newTraceId = (): string => randomBytes(16).toString("hex");
export const newSpanId = (): string => randomBytes(8).toString("hex");

const keyValues = (attributes: Record<string, Value>) =>
  Object.entries(attributes).map(([key, value]) => ({
    key,
    value:
      typeof value === "string"
        ? { stringValue: value }
        : typeof value === "boolean"
          ? { boolValue: value }
          : Number.isInteger(value)
            ? { intValue: String(value) }
            : { doubleValue: value },
  }));

/** An ExportTraceServiceRequest; every span in a scope of its own. */
export function tracesRequest(spans: SentSpan[], resource: Record<string, Value> = { "service.name": "shop" }) {
  return {
    resourceSpans: [
      {
        resource: { attributes: keyValues(resource) },
        scopeSpans: spans.map((span) => {
          const startMs = span.startMs ?? Date.now() - 60_000;
          return {
            scope: { name: span.scope ?? "test", version: "1" },
            spans: [
              {
                traceId: span.traceId ?? newTraceId(),
                spanId: span.spanId ?? newSpanId(),
                ...(span.parentSpanId ? { parentSpanId: span.parentSpanId } : {}),
                name: "a span",
                kind: 3,
                startTimeUnixNano: `${startMs}000000`,
                endTimeUnixNano: `${startMs + (span.tookMs ?? 250)}000000`,
                attributes: keyValues(span.attributes ?? {}),
                status: span.isError ? { code: 2, message: "it broke" } : {},
              },
            ],
          };
        }),
      },
    ],
  };
}

/** The attributes of a plain call in the current GenAI conventions. */
export const chatCall = (change: Record<string, Value> = {}): Record<string, Value> => ({
  "gen_ai.operation.name": "chat",
  "gen_ai.provider.name": "openai",
  "gen_ai.request.model": "gpt-4o",
  "gen_ai.usage.input_tokens": 1_000,
  "gen_ai.usage.output_tokens": 100,
  ...change,
});
