import type { Endpoint } from "./endpoint.ts";
import type { Usage, WireEvent } from "./event.ts";
import { textIn } from "./json.ts";
import { type CallMetadata, mergeMetadata, wireMetadata } from "./metadata.ts";
import type { Reader, Reading } from "./reader.ts";
import type { RequestFacts } from "./request-body.ts";

/** Vendors' tokenisers differ; four characters per token is the usual rule, good enough for what is marked as an estimate. */
const CHARACTERS_PER_TOKEN = 4;

/** Where a call goes, and what it is for. */
export type CallFacts = {
  provider: string;
  endpoint: Endpoint;
  request: RequestFacts;
  metadata: CallMetadata;
  /** Shared by the attempts of one logical call. */
  operationId: string | undefined;
  region?: string | undefined;
};

/** One request to a vendor, from its start to the event that reports it. */
export class Call {
  reader: Reader;
  readonly #facts: CallFacts;
  readonly #metadata: CallMetadata;
  readonly #startedAt = new Date();
  readonly #start = performance.now();
  #firstOutput: number | undefined;

  constructor(facts: CallFacts) {
    this.#facts = facts;
    this.#metadata = mergeMetadata(mergeMetadata({ operationId: facts.operationId }, facts.metadata), facts.request.metadata);
    this.reader = facts.endpoint.createReader();
  }

  /** The same call, read from another reply: a response that ran in the background and is fetched later. */
  readAgain(): void {
    this.reader = this.#facts.endpoint.createReader();
  }

  noteOutput(): void {
    this.#firstOutput ??= performance.now();
  }

  /** The vendor answered well and its reply was read to the end, or as far as its reader wanted. */
  answered(how: "complete" | "cancelled" | "failed"): WireEvent {
    const reading = this.reader.reading();
    const isCut = !reading.isComplete && (how !== "complete" || this.#facts.request.isStream);
    const { usage, isEstimated, isUnknown } = this.#usage(reading, isCut);
    const cut = how === "cancelled" ? ({ status: "success", error_code: "aborted" } as const) : BROKEN;
    return {
      ...this.#common(reading),
      ...usage,
      ...(reading.errorCode ? { status: "error", error_code: reading.errorCode } : isCut ? cut : { status: "success" }),
      raw_usage: reading.rawUsage,
      is_estimated: isEstimated || undefined,
      is_partial: isCut || isUnknown || reading.isPartial || undefined,
    };
  }

  /** The vendor refused: nothing was produced, nothing is charged. */
  refused(status: number, body: unknown): WireEvent {
    const error = typeof body === "object" && body !== null && "error" in body ? body.error : body;
    const code = textIn(error, "code") ?? textIn(error, "type") ?? textIn(error, "status") ?? `http_${status}`;
    return this.failed(status === 408 || status === 504 ? "timeout" : "error", code);
  }

  /** No answer came. */
  unanswered(reason: "timeout" | "aborted" | "connection_error"): WireEvent {
    return this.failed(reason === "timeout" ? "timeout" : "error", reason);
  }

  /** Nothing came of it, for a reason with a name. */
  failed(status: "error" | "timeout", code: string): WireEvent {
    return { ...this.#common(undefined), status, error_code: code.slice(0, 200) };
  }

  #common(reading: Reading | undefined): WireEvent {
    const now = performance.now();
    const { provider, endpoint, request, region } = this.#facts;
    const { requestId } = request.metadata;
    return {
      request_id: typeof requestId === "string" ? requestId : crypto.randomUUID(),
      timestamp: this.#startedAt.toISOString(),
      provider,
      model: reading?.model ?? request.model ?? "unknown",
      endpoint: endpoint.name,
      service_tier: tierOf(reading?.serviceTier),
      region: reading?.region ?? region,
      latency_ms: Math.round(now - this.#start),
      time_to_first_token_ms: this.#firstOutput === undefined ? undefined : Math.round(this.#firstOutput - this.#start),
      normalizer: reading && this.reader.normalizer,
      ...wireMetadata(this.#metadata),
    };
  }

  /** What the vendor counted; what it did not get to count is estimated from what went by, if that is text. */
  #usage(reading: Reading, isCut: boolean): { usage: Usage; isEstimated?: boolean; isUnknown?: boolean } {
    const { endpoint, request } = this.#facts;
    const told = reading.usage;
    const produced = Math.ceil(reading.outputCharacters / CHARACTERS_PER_TOKEN);
    if (told?.input_tokens !== undefined && told.output_tokens !== undefined) {
      // A count from the beginning of a stream that was cut knows nothing of what came after.
      if (!isCut || told.output_tokens >= produced) return { usage: told };
      return { usage: { ...told, output_tokens: produced }, isEstimated: true };
    }
    if (reading.errorCode && !told && produced === 0) return { usage: {} };
    if (endpoint.isUncountable) return { usage: told ?? {}, isUnknown: told?.images === undefined && told?.audio_seconds === undefined };
    const input = told?.input_tokens ?? Math.ceil(request.inputCharacters() / CHARACTERS_PER_TOKEN);
    const usage = { ...told, input_tokens: input, output_tokens: Math.max(told?.output_tokens ?? 0, produced) };
    // A reply that could not even be read tells nothing of what it cost.
    return { usage, isEstimated: true, isUnknown: !reading.isComplete && !told };
  }
}

const BROKEN = { status: "error", error_code: "stream_interrupted" } as const;

/** OpenAI calls the standard tier "default"; "auto" is a wish, not what was served. */
const tierOf = (served: string | undefined): string | undefined =>
  served === "default" ? "standard" : served === "auto" ? undefined : served;
