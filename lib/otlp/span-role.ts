import { isCount, type Span } from "./span.ts";

/** Calls of different families never stand for each other: a search inside an answer is a charge of its own. */
export type CallFamily = "generation" | "embedding" | "rerank" | "image" | "audio";

/**
 * `call`: the span of one model call, which a vendor charges; always, where its owner says so, whatever lies inside or around it. `summary`: it repeats what happened inside it (an agent, a chain, a
 * workflow, a tool), so it is never charged. `other`: it says nothing about models.
 */
export type SpanRole = { role: "call"; family: CallFamily; isAlwaysCharged?: boolean } | { role: "summary" | "other" };

const call = (family: CallFamily): SpanRole => ({ role: "call", family });
const summary: SpanRole = { role: "summary" };

/** gen_ai.operation.name, and llm.request.type of older OpenLLMetry. */
const operations = new Map<string, SpanRole>([
  ...[
    "chat",
    "completion",
    "completions",
    "generate_content",
    "message",
    "messages",
    "realtime_inference",
    "responses",
    "text_completion",
  ].map((name) => [name, call("generation")] as const),
  ...["embedding", "embeddings"].map((name) => [name, call("embedding")] as const),
  ...["rerank", "reranker"].map((name) => [name, call("rerank")] as const),
  ...["image_edit", "image_generation", "image_variation"].map((name) => [name, call("image")] as const),
  ...["ai.generateSpeech", "ai.streamTranscribe", "ai.transcribe", "speech", "transcription", "translation"].map(
    (name) => [name, call("audio")] as const,
  ),
  ...["agent_step", "create_agent", "execute_tool", "invoke_agent", "invoke_workflow", "plan", "retrieval", "task", "tool", "workflow"].map(
    (name) => [name, summary] as const,
  ),
  ...["create", "delete", "search", "update", "upsert"].map((act) => [`${act}_memory`, summary] as const),
]);

/** Spans of the Vercel AI SDK: `ai.generateText` repeats what its `ai.generateText.doGenerate` children used. */
function vercelRole(operationId: string): SpanRole {
  const step = /^ai\.[A-Za-z]+\.do([A-Z][A-Za-z]+)$/.exec(operationId)?.[1];
  if (step === undefined) return summary;
  if (step === "Embed") return call("embedding");
  return step === "Rerank" ? call("rerank") : call("generation");
}

const openInferenceRoles: Record<string, SpanRole> = { LLM: call("generation"), EMBEDDING: call("embedding"), RERANKER: call("rerank") };

function familyOf({ attributes }: Span): CallFamily {
  return attributes.has("embedding.model_name") || attributes.has("ai.usage.tokens") ? "embedding" : "generation";
}

/**
 * What a span says it is, the most specific statement first: our own `tokentra.billable`, then OpenInference, OpenLLMetry, the Vercel AI
 * SDK and the GenAI conventions. A span that says nothing of the kind but reports tokens counts as a call. Looks at nothing but the span
 * itself, so that the verdict is the same whatever else arrives with it.
 */
export function roleOf(span: Span): SpanRole {
  const textAt = (key: string): string | undefined => {
    const value = span.attributes.get(key);
    return typeof value === "string" && value !== "" ? value : undefined;
  };
  const operation = textAt("gen_ai.operation.name") ?? textAt("llm.request.type");
  const known = operation === undefined ? undefined : operations.get(operation);
  const billable = span.attributes.get("tokentra.billable");
  if (billable === true || billable === "true")
    return { role: "call", family: known?.role === "call" ? known.family : familyOf(span), isAlwaysCharged: true };
  if (billable === false || billable === "false") return summary;
  const kind = textAt("openinference.span.kind");
  if (kind !== undefined) return openInferenceRoles[kind.toUpperCase()] ?? summary;
  if (textAt("traceloop.span.kind") !== undefined) return summary;
  const vercel = textAt("ai.operationId");
  if (vercel?.startsWith("ai.")) return vercelRole(vercel);
  if (known !== undefined) return known;
  return hasUsage(span) ? call(familyOf(span)) : { role: "other" };
}

/** Whether the span counted anything. Zeros do not: some instrumentations write them when they do not know. */
export function hasUsage({ attributes }: Span): boolean {
  for (const [key, value] of attributes) if (isCount(key) && typeof value !== "boolean" && Number(value) !== 0) return true;
  return false;
}
