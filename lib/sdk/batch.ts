// Results of batches: one event per line, when the results are read. A line keeps its id for ever, so reading them again counts nothing.
import { anthropicMessagesReader } from "./anthropic-messages.ts";
import type { WireEvent } from "./event.ts";
import { countIn, type Json, objectIn, parseJson, textIn } from "./json.ts";
import { type CallMetadata, mergeMetadata, wireMetadata } from "./metadata.ts";
import { openAiChatReader } from "./openai-chat.ts";
import { openAiImagesReader } from "./openai-images.ts";
import { openAiResponsesReader } from "./openai-responses.ts";
import type { Reader } from "./reader.ts";

/** What is known of a batch: when it was submitted, and what for. */
type Batch = { createdAt: string | undefined; metadata: CallMetadata };

const MOST_BATCHES = 1_000;
/** Kinds of answers a line can hold, by the name the answer gives itself. */
const ANSWERS: Record<string, { endpoint: string; createReader: () => Reader }> = {
  "chat.completion": { endpoint: "chat.completions", createReader: openAiChatReader },
  text_completion: { endpoint: "completions", createReader: openAiChatReader },
  response: { endpoint: "responses", createReader: openAiResponsesReader },
  list: { endpoint: "embeddings", createReader: openAiChatReader },
  message: { endpoint: "messages", createReader: anthropicMessagesReader },
};
const PICTURES = { endpoint: "images", createReader: openAiImagesReader };

/** Remembers the batches that went by, so that their results are attributed as they were submitted. */
export class Batches {
  /** By the batch's own id, and by the ids of the files its results are in. */
  readonly #known = new Map<string, Batch>();

  /** A batch as the vendor describes it, or a page of them; `metadata` when it was submitted with some. */
  note(body: unknown, metadata: CallMetadata | undefined): void {
    const batches = Array.isArray(objectIn({ body }, "body")?.data) ? (body as { data: unknown[] }).data : [body];
    for (const batch of batches) {
      const id = textIn(batch, "id");
      if (id === undefined) continue;
      const seconds = countIn(batch, "created_at");
      const known: Batch = {
        createdAt: seconds === undefined ? textIn(batch, "created_at") : new Date(seconds * 1000).toISOString(),
        metadata: metadata ?? this.#known.get(id)?.metadata ?? {},
      };
      for (const key of [id, textIn(batch, "output_file_id"), textIn(batch, "error_file_id")]) if (key) this.#remember(key, known);
    }
  }

  /** `source` is the id of the file or batch whose results the line is in. Undefined when it is no line of a batch. */
  eventOf(line: string, source: string, provider: string, defaults: CallMetadata): WireEvent | undefined {
    const data = parseJson(line);
    const customId = textIn(data, "custom_id");
    const found = readLine(data, source);
    if (customId === undefined || !found) return undefined;
    const { requestId, answer, error } = found;
    const batch = this.#known.get(source);
    const kind = ANSWERS[textIn(answer, "object") ?? textIn(answer, "type") ?? ""] ?? PICTURES;
    const reader = answer ? kind.createReader() : undefined;
    reader?.readBody(answer);
    const reading = reader?.reading();
    const seconds = countIn(answer, "created") ?? countIn(answer, "created_at");
    const answeredAt = seconds === undefined ? undefined : new Date(seconds * 1000).toISOString();
    const isUnknown = !error && reading?.usage === undefined;
    return {
      request_id: requestId.slice(0, 200),
      timestamp: batch?.createdAt ?? answeredAt ?? new Date().toISOString(),
      provider,
      model: reading?.model ?? "unknown",
      endpoint: answer ? kind.endpoint : "batch",
      service_tier: "batch",
      region: reading?.region,
      ...reading?.usage,
      ...(error ? { status: "error", error_code: error.slice(0, 200) } : { status: "success" }),
      raw_usage: reading?.rawUsage,
      normalizer: reader?.normalizer,
      is_partial: isUnknown || reading?.isPartial || undefined,
      ...wireMetadata(mergeMetadata(mergeMetadata(defaults, batch?.metadata ?? {}), { metadata: { custom_id: customId } })),
    };
  }

  #remember(key: string, batch: Batch): void {
    this.#known.set(key, batch);
    const [oldest] = this.#known.keys();
    if (this.#known.size > MOST_BATCHES && oldest !== undefined) this.#known.delete(oldest);
  }
}

/** OpenAI wraps each answer in `response`, Anthropic in `result`; what expired or was cancelled has none and is free. */
function readLine(data: unknown, source: string): { requestId: string; answer?: Json; error?: string } | undefined {
  const result = objectIn(data, "result");
  if (result) {
    const type = textIn(result, "type") ?? "errored";
    const requestId = `${source}/${textIn(data, "custom_id")}`;
    if (type === "succeeded") return { requestId, answer: objectIn(result, "message") ?? {} };
    const reason = objectIn(objectIn(result, "error"), "error") ?? objectIn(result, "error");
    return { requestId, error: textIn(reason, "type") ?? type };
  }
  const requestId = textIn(data, "id");
  const response = objectIn(data, "response");
  if (requestId === undefined) return undefined;
  const body = objectIn(response, "body");
  const status = countIn(response, "status_code");
  if (body && (status === undefined || status < 400)) return { requestId, answer: body };
  const failure = objectIn(body, "error") ?? objectIn(data, "error");
  return { requestId, error: textIn(failure, "code") ?? textIn(failure, "type") ?? (status ? `http_${status}` : "failed") };
}
