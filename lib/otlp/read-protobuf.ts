import { BinaryReader, WireType } from "@bufbuild/protobuf/wire";
import { AppError } from "../core/errors.ts";
import { type Attributes, type AttributeValue, addSpan, isWanted, mostSpans, type SpanBatch, type SpanParts } from "./span.ts";

/** What to do with a field, by its number; whatever has no entry is skipped unread. */
type Fields = Record<number, (reader: BinaryReader) => void>;

/** Walks one message. A field with an entry must have the wire type of the schema: length-delimited, unless `wireTypes` names another. */
function walk(bytes: Uint8Array, fields: Fields, wireTypes: Record<number, WireType> = {}): void {
  const reader = new BinaryReader(bytes);
  while (reader.pos < reader.len) {
    const [field, wireType] = reader.tag();
    const take = fields[field];
    if (take === undefined) reader.skip(wireType, field);
    else if ((wireTypes[field] ?? WireType.LengthDelimited) !== wireType) throw new Error(`field ${field} has wire type ${wireType}`);
    else take(reader);
    if (reader.pos > reader.len) throw new RangeError("premature end");
  }
}

const { Varint, Bit64 } = WireType;

function scalarOf(bytes: Uint8Array): AttributeValue | undefined {
  let scalar: AttributeValue | undefined;
  walk(
    bytes,
    {
      1: (reader) => {
        scalar = reader.string();
      },
      2: (reader) => {
        scalar = reader.bool();
      },
      3: (reader) => {
        const whole = reader.int64();
        scalar = Number.isSafeInteger(Number(whole)) ? Number(whole) : String(whole);
      },
      4: (reader) => {
        scalar = reader.double();
      },
    },
    { 2: Varint, 3: Varint, 4: Bit64 },
  );
  return scalar;
}

/** Reads a KeyValue into the map when its key is on the list; otherwise its value stays untouched bytes. */
function readAttribute(bytes: Uint8Array, into: Map<string, AttributeValue>): void {
  let key = "";
  let value: Uint8Array | undefined;
  walk(bytes, {
    1: (reader) => {
      key = reader.string();
    },
    2: (reader) => {
      value = reader.bytes();
    },
  });
  if (value === undefined || !isWanted(key)) return;
  const scalar = scalarOf(value);
  if (scalar !== undefined) into.set(key, scalar);
}

function resourceOf(bytes: Uint8Array): Attributes {
  const found = new Map<string, AttributeValue>();
  walk(bytes, { 1: (reader) => readAttribute(reader.bytes(), found) });
  return found;
}

const hex = (bytes: Uint8Array): string => Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");

function spanOf(bytes: Uint8Array): SpanParts {
  const attributes = new Map<string, AttributeValue>();
  const span = { traceId: "", spanId: "", parentSpanId: "", startNano: 0n, endNano: 0n, isError: false };
  const fields: Fields = {
    1: (reader) => {
      span.traceId = hex(reader.bytes());
    },
    2: (reader) => {
      span.spanId = hex(reader.bytes());
    },
    4: (reader) => {
      span.parentSpanId = hex(reader.bytes());
    },
    7: (reader) => {
      span.startNano = BigInt(reader.fixed64());
    },
    8: (reader) => {
      span.endNano = BigInt(reader.fixed64());
    },
    9: (reader) => readAttribute(reader.bytes(), attributes),
    15: (reader) => {
      const readCode = (status: BinaryReader): void => {
        span.isError = status.int32() === 2;
      };
      walk(reader.bytes(), { 3: readCode }, { 3: Varint });
    },
  };
  walk(bytes, fields, { 7: Bit64, 8: Bit64 });
  return { ...span, attributes };
}

function readScopeSpans(bytes: Uint8Array, resource: Attributes, batch: SpanBatch): void {
  let scope = "";
  const spans: Uint8Array[] = [];
  walk(bytes, {
    1: (reader) => {
      walk(reader.bytes(), {
        1: (inner) => {
          scope = inner.string();
        },
      });
    },
    2: (reader) => {
      spans.push(reader.bytes());
    },
  });
  if (batch.spans.length + batch.malformed.length + spans.length > mostSpans) {
    throw new AppError("too_large", `A request holds at most ${mostSpans} spans.`);
  }
  for (const span of spans) addSpan(batch, spanOf(span), resource, scope);
}

/**
 * Reads an ExportTraceServiceRequest in protobuf. Only what is on the list of attributes is decoded; everything else is measured
 * and skipped, so prompts never become text here and a large request costs little more than its length.
 * @throws AppError `invalid` when it is not one, `too_large` when it holds more than `mostSpans`.
 * @see https://github.com/open-telemetry/opentelemetry-proto/blob/main/opentelemetry/proto/trace/v1/trace.proto
 */
export function readProtobufSpans(body: Uint8Array): SpanBatch {
  const batch: SpanBatch = { spans: [], malformed: [] };
  try {
    walk(body, {
      1: (reader) => {
        let resource: Attributes = new Map();
        const scopes: Uint8Array[] = [];
        walk(reader.bytes(), {
          1: (inner) => {
            resource = resourceOf(inner.bytes());
          },
          2: (inner) => {
            scopes.push(inner.bytes());
          },
        });
        for (const scope of scopes) readScopeSpans(scope, resource, batch);
      },
    });
  } catch (error) {
    if (error instanceof AppError) throw error;
    throw new AppError("invalid", "The body is not an ExportTraceServiceRequest in protobuf.", { cause: error });
  }
  return batch;
}
