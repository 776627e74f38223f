import { AppError } from "../core/errors.ts";
import { type Attributes, type AttributeValue, addSpan, isWanted, mostSpans, type SpanBatch } from "./span.ts";

type Json = Record<string, unknown>;

const isObject = (value: unknown): value is Json => typeof value === "object" && value !== null && !Array.isArray(value);

/** A repeated field: absent is empty; anything but a list of objects is not OTLP. */
function listOf(parent: Json, name: string): Json[] {
  const list = parent[name];
  if (list === undefined || list === null) return [];
  if (!Array.isArray(list) || !list.every(isObject)) throw new AppError("invalid", `${name} must be a list of objects.`, { param: name });
  return list;
}

const textOf = (value: unknown): string => (typeof value === "string" ? value : "");

/** 64-bit numbers come as decimal text, from some senders as JSON numbers. */
function nanosOf(value: unknown): bigint {
  if (typeof value === "string" && /^\d{1,20}$/.test(value)) return BigInt(value);
  return typeof value === "number" && Number.isInteger(value) && value >= 0 ? BigInt(value) : 0n;
}

function scalarOf(value: unknown): AttributeValue | undefined {
  if (!isObject(value)) return undefined;
  if (typeof value.stringValue === "string") return value.stringValue;
  if (typeof value.boolValue === "boolean") return value.boolValue;
  const number = value.intValue ?? value.doubleValue;
  if (typeof number === "number") return number;
  // What a double cannot hold stays text: whoever needs it as a count will refuse it.
  if (typeof number === "string") return String(Number(number)) === number ? Number(number) : number;
  return undefined;
}

function attributesOf(parent: Json): Attributes {
  const found = new Map<string, AttributeValue>();
  for (const { key, value } of listOf(parent, "attributes")) {
    if (typeof key !== "string" || !isWanted(key)) continue;
    const scalar = scalarOf(value);
    if (scalar !== undefined) found.set(key, scalar);
  }
  return found;
}

const partOf = (parent: Json, name: string): Json => (isObject(parent[name]) ? parent[name] : {});

/**
 * Reads an ExportTraceServiceRequest in OTLP's JSON encoding (lowerCamelCase names, ids in hex, enums as numbers; unknown fields ignored).
 * @throws AppError `invalid` when it is not one, `too_large` when it holds more than `mostSpans`.
 * @see https://opentelemetry.io/docs/specs/otlp/#json-protobuf-encoding
 */
export function readJsonSpans(body: unknown): SpanBatch {
  if (!isObject(body)) throw new AppError("invalid", "The body must be an ExportTraceServiceRequest.");
  const batch: SpanBatch = { spans: [], malformed: [] };
  for (const resourceSpans of listOf(body, "resourceSpans")) {
    const resource = attributesOf(partOf(resourceSpans, "resource"));
    for (const scopeSpans of listOf(resourceSpans, "scopeSpans")) {
      const scope = textOf(partOf(scopeSpans, "scope").name);
      for (const span of listOf(scopeSpans, "spans")) {
        if (batch.spans.length + batch.malformed.length >= mostSpans) {
          throw new AppError("too_large", `A request holds at most ${mostSpans} spans.`);
        }
        const code = partOf(span, "status").code;
        addSpan(
          batch,
          {
            traceId: textOf(span.traceId).toLowerCase(),
            spanId: textOf(span.spanId).toLowerCase(),
            parentSpanId: textOf(span.parentSpanId).toLowerCase(),
            startNano: nanosOf(span.startTimeUnixNano),
            endNano: nanosOf(span.endTimeUnixNano),
            isError: code === 2 || code === "STATUS_CODE_ERROR",
            attributes: attributesOf(span),
          },
          resource,
          scope,
        );
      }
    }
  }
  return batch;
}
