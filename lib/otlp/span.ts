/** The scalar an attribute holds. Whole numbers beyond 2^53 stay text; lists and maps are never read. */
export type AttributeValue = string | number | boolean;

export type Attributes = ReadonlyMap<string, AttributeValue>;

/** What metering needs to know of a span. Names, events, links and every attribute that is not on the list are left unread. */
export type Span = {
  /** 32 and 16 lower-case hex digits; parentSpanId is null for a root. */
  traceId: string;
  spanId: string;
  parentSpanId: string | null;
  /** Nanoseconds since 1970. */
  startNano: bigint;
  endNano: bigint;
  isError: boolean;
  attributes: Attributes;
  /** What all spans of one process share. */
  resource: Attributes;
  /** Name of the instrumentation that made the span. */
  scope: string;
};

/** The spans of a request, and one sentence for each that is broken beyond use. */
export type SpanBatch = { spans: Span[]; malformed: string[] };

/** Spans that one request may hold. */
export const mostSpans = 20_000;

const countGroups = ["gen_ai.usage.", "llm.usage.", "llm.token_count.", "ai.usage.", "anthropic.usage."];

/** Figures that a vendor or an instrumentation reports about what a call used. */
export const isCount = (key: string): boolean => countGroups.some((group) => key.startsWith(group));

const wanted = new Set([
  "ai.model.id",
  "ai.model.provider",
  "ai.operationId",
  "ai.response.id",
  "ai.response.model",
  "ai.response.msToFirstChunk",
  "ai.stream.msToFirstChunk",
  "ai.telemetry.functionId",
  "ai.telemetry.metadata.sessionId",
  "ai.telemetry.metadata.userId",
  "anthropic.request.service_tier",
  "anthropic.response.service_tier",
  "deployment.environment",
  "deployment.environment.name",
  "embedding.model_name",
  "enduser.id",
  "error.type",
  "gen_ai.agent.name",
  "gen_ai.client.operation.time_to_first_chunk",
  "gen_ai.conversation.id",
  "gen_ai.openai.request.service_tier",
  "gen_ai.openai.response.service_tier",
  "gen_ai.operation.name",
  "gen_ai.provider.name",
  "gen_ai.request.model",
  "gen_ai.response.id",
  "gen_ai.response.model",
  "gen_ai.response.time_to_first_chunk",
  "gen_ai.server.time_to_first_token",
  "gen_ai.system",
  "llm.model_name",
  "llm.provider",
  "llm.request.model",
  "llm.request.model_name",
  "llm.request.type",
  "llm.response.model",
  "llm.response.model_name",
  "llm.system",
  "llm.user",
  "llm.vendor",
  "metadata",
  "openai.api.type",
  "openai.request.service_tier",
  "openai.response.service_tier",
  "openinference.span.kind",
  "reranker.model_name",
  "server.address",
  "service.name",
  "session.id",
  "traceloop.association.properties.session_id",
  "traceloop.association.properties.user_id",
  "traceloop.span.kind",
  "traceloop.workflow.name",
  "user.id",
]);

/** Whether an attribute is read at all. Prompts and answers are on no list, so they are passed over where they stand. */
export const isWanted = (key: string): boolean => wanted.has(key) || key.startsWith("tokentra.") || isCount(key);

export type SpanParts = Omit<Span, "parentSpanId" | "resource" | "scope"> & { parentSpanId: string };

const isId = (hex: string, digits: number): boolean => hex.length === digits && /^[0-9a-f]+$/.test(hex) && !/^0+$/.test(hex);

/** Takes a span into the batch, or names what is wrong with it. */
export function addSpan(batch: SpanBatch, parts: SpanParts, resource: Attributes, scope: string): void {
  const { traceId, spanId, parentSpanId, startNano, endNano } = parts;
  const isRoot = parentSpanId === "" || /^0+$/.test(parentSpanId);
  if (!isId(traceId, 32)) batch.malformed.push("trace_id must be 16 bytes that are not all zero");
  else if (!isId(spanId, 16)) batch.malformed.push("span_id must be 8 bytes that are not all zero");
  else if (!isRoot && !isId(parentSpanId, 16)) batch.malformed.push("parent_span_id must be 8 bytes");
  else if (startNano <= 0n) batch.malformed.push("start_time_unix_nano is required");
  else batch.spans.push({ ...parts, parentSpanId: isRoot ? null : parentSpanId, endNano, resource, scope });
}
