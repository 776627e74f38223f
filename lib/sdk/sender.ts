import { onExit, startTimer } from "./platform.ts";
import { BoundedQueue, type Queued } from "./queue.ts";
import { isTransient, pauseBefore } from "./retry.ts";
import type { Spool } from "./spool.ts";

/** Why events were lost: no room, refused by the server, unfit to be sent, or reported after `shutdown()`. */
export type DropReason = "overflow" | "refused" | "invalid" | "closed";
export type Drop = { count: number; reason: DropReason; message: string };

export type SenderOptions = {
  url: string;
  apiKey: string;
  /** Events per request. */
  maxBatchEvents: number;
  /** A batch waits at most this long for more events. */
  maxBatchAgeMs: number;
  maxQueueEvents: number;
  maxQueueBytes: number;
  timeoutMs: number;
  fetch: typeof fetch;
  onDrop: (drop: Drop) => void;
  onError: (error: Error) => void;
  spool: Spool | undefined;
};

/** Well below the 5 MB that the API takes. */
const MAX_BATCH_BYTES = 2_000_000;
/** How often the spool is looked into for what other programs left behind. */
const ADOPT_EVERY_MS = 30_000;
const CLOSED_MESSAGE = "the client is shut down";

/** Sends events in the background: one request at a time, again and again until the server has them or says they cannot be taken. */
export class Sender {
  readonly #options: SenderOptions;
  readonly #queue: BoundedQueue;
  readonly #removeExitHook: () => void;
  #cancelTimer: (() => void) | undefined;
  #due = 0;
  #inFlight: Promise<void> | undefined;
  #sending = 0;
  #failures = 0;
  #notBefore = 0;
  #isClosed = false;
  #dropped = 0;
  #enqueued = 0;
  #adoptedAt = 0;

  constructor(options: SenderOptions) {
    this.#options = options;
    this.#queue = new BoundedQueue(options.maxQueueEvents, options.maxQueueBytes);
    this.#removeExitHook = onExit(() => this.#send());
    this.#adopt();
  }

  /** Events that are not acknowledged yet. */
  get pending(): number {
    return this.#queue.length + this.#sending;
  }

  get dropped(): number {
    return this.#dropped;
  }

  enqueue(text: string): void {
    if (this.#isClosed) {
      this.drop({ count: 1, reason: "closed", message: CLOSED_MESSAGE });
      return;
    }
    this.#enqueued++;
    // Upper bound of the UTF-8 length without encoding: three bytes per UTF-16 unit at most, one in the usual case.
    const bytes = /^[\0-\x7f]*$/.test(text) ? text.length : text.length * 3;
    this.#tellOverflow(this.#queue.push({ text, bytes, ticket: this.#options.spool?.keep(text) }));
    this.#schedule(this.#isBatchFull ? 0 : this.#options.maxBatchAgeMs);
  }

  drop(drop: Drop): void {
    this.#dropped += drop.count;
    guarded(() => this.#options.onDrop(drop));
  }

  /**
   * Resolves to true when everything queued until now is settled, and everything that earlier programs left behind; to false when time
   * is up first. Never rejects.
   */
  async flush(timeoutMs: number): Promise<boolean> {
    const deadline = Date.now() + timeoutMs;
    let target = this.#enqueued;
    while (this.#enqueued - this.pending < target || this.#adopt()) {
      target = Math.max(target, this.#enqueued);
      const left = deadline - Date.now();
      if (left <= 0) return false;
      this.#send();
      await settledWithin(this.#inFlight, this.#inFlight ? left : Math.min(left, Math.max(1, this.#notBefore - Date.now())));
    }
    return true;
  }

  async close(timeoutMs: number): Promise<boolean> {
    if (this.#isClosed) return this.pending === 0;
    const isEmpty = await this.flush(timeoutMs);
    this.#isClosed = true;
    this.#cancelTimer?.();
    this.#removeExitHook();
    this.#leave(this.#queue.clear());
    this.#options.spool?.release();
    return isEmpty;
  }

  /** Makes sure that sending starts in so many milliseconds at the latest, or when the server may be asked again. */
  #schedule(ms: number): void {
    if (this.#inFlight) return;
    const due = Math.max(Date.now() + ms, this.#notBefore);
    if (this.#cancelTimer && this.#due <= due) return;
    this.#cancelTimer?.();
    this.#due = due;
    this.#cancelTimer = startTimer(() => this.#send(), Math.max(0, due - Date.now()));
  }

  #send(): void {
    this.#cancelTimer?.();
    this.#cancelTimer = undefined;
    if (this.#inFlight || this.#queue.length === 0) return;
    if (Date.now() < this.#notBefore) {
      this.#schedule(0);
      return;
    }
    const batch = this.#queue.take(this.#options.maxBatchEvents, MAX_BATCH_BYTES);
    this.#sending = batch.length;
    this.#inFlight = this.#post(batch).finally(() => {
      this.#inFlight = undefined;
      this.#sending = 0;
      if (this.#isClosed) return;
      if (this.#queue.length === 0 && Date.now() - this.#adoptedAt > ADOPT_EVERY_MS) this.#adopt();
      if (this.#queue.length > 0) this.#schedule(this.#isBatchFull ? 0 : this.#options.maxBatchAgeMs);
    });
  }

  get #isBatchFull(): boolean {
    return this.#queue.length >= this.#options.maxBatchEvents || this.#queue.bytes >= MAX_BATCH_BYTES;
  }

  async #post(batch: Queued[]): Promise<void> {
    const { url, apiKey, timeoutMs, onError } = this.#options;
    let response: Response;
    let answer: string;
    try {
      // Called without a receiver: a browser's fetch refuses to be a method of anything else.
      const send = this.#options.fetch;
      response = await send(url, {
        method: "POST",
        headers: { authorization: `Bearer ${apiKey}`, "content-type": "application/json" },
        body: `{"events":[${batch.map((item) => item.text).join(",")}]}`,
        signal: AbortSignal.timeout(timeoutMs),
      });
      answer = await response.text();
    } catch (error) {
      guarded(() => onError(error instanceof Error ? error : new Error(String(error))));
      return this.#again(batch, null);
    }
    if (response.ok) {
      this.#failures = 0;
      this.#notBefore = 0;
      this.#settle(batch);
      return this.#tellRejected(answer);
    }
    const problem = `the server answered ${response.status}: ${answer.slice(0, 300)}`;
    guarded(() => onError(new Error(problem)));
    if (isTransient(response.status)) return this.#again(batch, response.headers.get("retry-after"));
    if (response.status === 413 && batch.length > 1) {
      const half = Math.ceil(batch.length / 2);
      await this.#post(batch.slice(0, half));
      return this.#post(batch.slice(half));
    }
    this.#settle(batch);
    this.drop({ count: batch.length, reason: "refused", message: problem });
  }

  #again(batch: Queued[], retryAfter: string | null): void {
    this.#failures++;
    this.#notBefore = Date.now() + pauseBefore(this.#failures, retryAfter, Date.now());
    if (this.#isClosed) this.#leave(batch);
    else this.#tellOverflow(this.#queue.putBack(batch));
  }

  /** Takes some of what earlier programs left behind. */
  #adopt(): boolean {
    this.#adoptedAt = Date.now();
    const take = (texts: string[]): void => {
      for (const text of texts) this.enqueue(text);
    };
    return this.#options.spool?.adopt(take) ?? false;
  }

  #settle(items: Queued[]): void {
    const tickets = items.flatMap(({ ticket }) => ticket ?? []);
    if (tickets.length > 0) this.#options.spool?.settle(tickets);
  }

  /** At the end: what is on disk is for the next program, the rest is lost. */
  #leave(items: Queued[]): void {
    const lost = items.filter(({ ticket }) => ticket === undefined);
    if (lost.length > 0) this.drop({ count: lost.length, reason: "closed", message: CLOSED_MESSAGE });
  }

  #tellOverflow(lost: Queued[]): void {
    if (lost.length === 0) return;
    this.#settle(lost);
    this.drop({ count: lost.length, reason: "overflow", message: "more events than may wait; the oldest were dropped" });
  }

  /** A 2xx stores what was valid and names the rest. */
  #tellRejected(answer: string): void {
    const rejected = readRejected(answer);
    for (const item of rejected) this.drop({ count: 1, reason: "refused", message: `${item.request_id}: ${item.code}: ${item.message}` });
  }
}

/** Waits awake: unlike a background timer, this one keeps the program alive, and is gone as soon as the wait is over. */
function settledWithin(work: Promise<void> | undefined, ms: number): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, ms);
    work?.finally(() => {
      clearTimeout(timer);
      resolve();
    });
  });
}

type Rejected = { request_id: string; code: string; message: string };

function readRejected(answer: string): Rejected[] {
  try {
    const { rejected } = JSON.parse(answer) as { rejected?: Rejected[] };
    return Array.isArray(rejected) ? rejected : [];
  } catch {
    return [];
  }
}

/** A caller's callback may throw; that is the caller's affair and must not stop the sending. */
function guarded(run: () => void): void {
  try {
    run();
  } catch {
    // Nobody to tell: the callback that would be told is the one that threw.
  }
}
