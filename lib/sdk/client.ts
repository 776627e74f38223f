import { type AiMiddleware, aiMiddleware } from "./ai-middleware.ts";
import { Batches } from "./batch.ts";
import { type BudgetAnswer, BudgetChecks, type BudgetOptions, type BudgetQuestion } from "./budget.ts";
import { type ContextStorage, findContextStorage } from "./context.ts";
import { serialize, type TrackEvent, type WireEvent, wireEvent } from "./event.ts";
import { type CallMetadata, mergeMetadata } from "./metadata.ts";
import type { Metering } from "./metering.ts";
import { type Drop, Sender } from "./sender.ts";
import type { Spool } from "./spool.ts";
import { type WrapOptions, type WrappableClient, wrapClient } from "./wrap.ts";

export type { AiMiddleware } from "./ai-middleware.ts";
export type { BudgetAnswer, BudgetOptions, BudgetQuestion } from "./budget.ts";
export type { ContextStorage } from "./context.ts";
export type { TrackEvent } from "./event.ts";
export type { CallMetadata } from "./metadata.ts";
export type { Drop, DropReason } from "./sender.ts";
export type { Spool, Ticket } from "./spool.ts";
export type { WrapOptions, WrappableClient } from "./wrap.ts";

export type TokenTRAOptions = CallMetadata & {
  /** A key with the scope `ingest`: `tt_live_…` or `tt_test_…`. */
  apiKey: string;
  /** Address of TokenTRA, such as `https://tokentra.example.com`. */
  baseUrl: string;
  /** Events per request. Default 500, at most 5,000. */
  maxBatchEvents?: number;
  /** How long an event waits for others before it is sent, in milliseconds. Default 500. */
  maxBatchAgeMs?: number;
  /** Events that may wait while the server is out of reach; then the oldest go. Default 10,000. */
  maxQueueEvents?: number;
  /** The same bound in bytes. Default 16 MB. */
  maxQueueBytes?: number;
  /** Time-out of one request, in milliseconds. Default 10,000. */
  timeoutMs?: number;
  /** Told whenever events are lost, with number and reason. */
  onDrop?: (drop: Drop) => void;
  /** Told of failures that are handled: an attempt that will be repeated, an event that could not be read. */
  onError?: (error: Error) => void;
  fetch?: typeof fetch;
  /** Carries `with(metadata, work)` through awaits. Default: the runtime's own, where it offers one without an import. */
  contextStorage?: ContextStorage;
  /** Keeps events until they are delivered, beyond the life of the program: `diskSpool` of `@tokentra/sdk/node`. */
  spool?: Spool;
};

/** What derived instances share with the first one. */
type Shared = { sender: Sender; storage: ContextStorage | undefined; budgets: BudgetChecks };

const API_LIMIT_EVENTS = 5_000;
const DEFAULT_WAIT_MS = 10_000;

/**
 * Reports what an application spends on LLMs. Events wait in bounded memory and are sent in the background; nothing here throws into
 * the caller or makes it wait, but for a missing option and for `flush` and `shutdown`, which are there to be waited for.
 */
export class TokenTRA {
  readonly #sender: Sender;
  readonly #storage: ContextStorage | undefined;
  readonly #budgets: BudgetChecks;
  readonly #options: TokenTRAOptions;
  readonly #metadata: CallMetadata;
  readonly #onError: (error: unknown) => void;

  constructor(options: TokenTRAOptions, shared?: Shared) {
    const { apiKey, baseUrl, maxBatchEvents = 500, maxBatchAgeMs = 500, maxQueueEvents = 10_000, maxQueueBytes = 16_000_000 } = options;
    if (!apiKey || !baseUrl) throw new TypeError("TokenTRA needs an apiKey and a baseUrl");
    const { feature, userId, teamId, projectId, environment, sessionId, traceId, operationId, tags, metadata } = options;
    this.#metadata = { feature, userId, teamId, projectId, environment, sessionId, traceId, operationId, tags, metadata };
    this.#onError = (error) => {
      try {
        options.onError?.(error instanceof Error ? error : new Error(String(error)));
      } catch {
        // The callback's own failure has nobody left to be told to.
      }
    };
    this.#storage = shared ? shared.storage : (options.contextStorage ?? findContextStorage());
    const send = options.fetch ?? ((input, init) => fetch(input, init));
    const at = (path: string) => new URL(path, baseUrl.endsWith("/") ? baseUrl : `${baseUrl}/`).href;
    this.#budgets = shared?.budgets ?? new BudgetChecks({ url: at("api/v1/budgets/check"), apiKey, fetch: send, onError: this.#onError });
    this.#sender =
      shared?.sender ??
      new Sender({
        url: at("api/sdk/v1/track"),
        apiKey,
        maxBatchEvents: Math.min(Math.max(1, maxBatchEvents), API_LIMIT_EVENTS),
        maxBatchAgeMs,
        maxQueueEvents,
        maxQueueBytes,
        timeoutMs: options.timeoutMs ?? DEFAULT_WAIT_MS,
        fetch: send,
        spool: options.spool,
        onDrop: (drop) => options.onDrop?.(drop),
        onError: this.#onError,
      });
    this.#options = options;
  }

  /** Events that are not acknowledged yet. */
  get pending(): number {
    return this.#sender.pending;
  }

  /** Events lost since the start; `onDrop` told why. */
  get dropped(): number {
    return this.#sender.dropped;
  }

  /**
   * The same client, metered: an `OpenAI`, `Anthropic`, `GoogleGenAI` or `BedrockRuntimeClient` of the official packages (or one that
   * takes its `fetch` from `withOptions`). Types, results, errors and streams stay what they are. A request may carry
   * `tokentra: { feature, userId, … }`, which is taken out before the vendor sees it.
   * @throws TypeError for anything else
   */
  wrap<Client extends WrappableClient>(client: Client, options: WrapOptions = {}): Client {
    return wrapClient(client, this.#metering(options));
  }

  /**
   * For the Vercel `ai` package: a middleware that meters the language, embedding or image model it is put around, such as
   * `wrapLanguageModel({ model: openai("gpt-5"), middleware: tokentra.middleware() })`. A call may carry
   * `providerOptions: { tokentra: { feature, userId, … } }`, which is taken out before the provider sees it.
   */
  middleware(options: WrapOptions = {}): AiMiddleware {
    return aiMiddleware(this.#metering(options));
  }

  /** An instance with more defaults that shares this one's queue: flushing or shutting down either does so for both. */
  with(metadata: CallMetadata): TokenTRA;
  /**
   * Runs `work`, and every metered call in it, awaited ones included, is for this: of whatever client this instance or its kin wrapped.
   * Inner calls of `with` add to outer ones. `work` also gets the derived instance, which is all there is where the runtime has no
   * AsyncLocalStorage. Returns what `work` returns.
   */
  with<Result>(metadata: CallMetadata, work: (tokentra: TokenTRA) => Result): Result;
  with<Result>(metadata: CallMetadata, work?: (tokentra: TokenTRA) => Result): TokenTRA | Result {
    const shared = { sender: this.#sender, storage: this.#storage, budgets: this.#budgets };
    const derived = new TokenTRA({ ...this.#options, ...mergeMetadata(this.#metadata, metadata) }, shared);
    if (!work) return derived;
    if (!this.#storage) return work(derived);
    return this.#storage.run(mergeMetadata(this.#context, metadata), () => work(derived));
  }

  /** Reports one event by hand and returns its request id. Sending the same id twice counts once. */
  track(event: TrackEvent): string {
    try {
      const wire = wireEvent({ ...event, ...mergeMetadata(mergeMetadata(this.#metadata, this.#context), event) });
      this.#record(wire);
      return wire.request_id;
    } catch (error) {
      this.#onError(error);
      this.#sender.drop({ count: 1, reason: "invalid", message: error instanceof Error ? error.message : String(error) });
      return event?.requestId ?? "";
    }
  }

  /**
   * Asks before a call whether its budget allows it (`POST /api/v1/budgets/check`), for what this instance, the context and `question`
   * say it is for. Never rejects and never waits longer than `timeoutMs`; answers hold for `cacheMs`, so that a loop of calls asks once.
   * A server that has no such endpoint answers 404: that is "allowed, unknown" (`isAllowed: true, isKnown: false`). When the server
   * cannot be reached or says nothing that can be understood, `whenUnknown` decides.
   */
  checkBudget(question: BudgetQuestion = {}, options: BudgetOptions = {}): Promise<BudgetAnswer> {
    const { provider, model } = question;
    return this.#budgets.check({ ...mergeMetadata(mergeMetadata(this.#metadata, this.#context), question), provider, model }, options);
  }

  /** Resolves to true when everything reported until now is with the server, to false when the time (milliseconds) is up first. */
  flush(timeoutMs: number = DEFAULT_WAIT_MS): Promise<boolean> {
    return this.#sender.flush(timeoutMs);
  }

  /** Flushes, then stops: what is reported afterwards is dropped and counted. For the end of a program or a request handler. */
  shutdown(timeoutMs: number = DEFAULT_WAIT_MS): Promise<boolean> {
    return this.#sender.close(timeoutMs);
  }

  #metering(options: WrapOptions): Metering {
    return {
      metadata: () => mergeMetadata(mergeMetadata(this.#metadata, options), this.#context),
      provider: options.provider,
      record: (event) => this.#record(event),
      onError: this.#onError,
      background: new Map(),
      batches: new Batches(),
    };
  }

  get #context(): CallMetadata {
    return this.#storage?.getStore() ?? {};
  }

  #record(event: WireEvent): void {
    const { text, leftOut } = serialize(event);
    if (leftOut.length > 0) this.#onError(new Error(`${leftOut.join(", ")} of ${event.request_id} cannot be sent and was left out`));
    this.#sender.enqueue(text);
  }
}
