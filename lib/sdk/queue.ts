import type { Ticket } from "./spool.ts";

/** One event waiting to be sent, and what stands for it on disk. */
export type Queued = { text: string; bytes: number; ticket?: Ticket | undefined };

/** What is still to be sent, oldest first, within a bound on count and bytes: when full, the oldest go. */
export class BoundedQueue {
  readonly #maxEvents: number;
  readonly #maxBytes: number;
  #items: Queued[] = [];
  #bytes = 0;

  constructor(maxEvents: number, maxBytes: number) {
    this.#maxEvents = maxEvents;
    this.#maxBytes = maxBytes;
  }

  get length(): number {
    return this.#items.length;
  }

  get bytes(): number {
    return this.#bytes;
  }

  /** Returns the oldest that had to go. */
  push(item: Queued): Queued[] {
    this.#items.push(item);
    this.#bytes += item.bytes;
    return this.#shed();
  }

  /** Takes the oldest that fit into one request. */
  take(maxEvents: number, maxBytes: number): Queued[] {
    let count = 0;
    let bytes = 0;
    for (const item of this.#items) {
      if (count >= maxEvents || (count > 0 && bytes + item.bytes > maxBytes)) break;
      bytes += item.bytes;
      count++;
    }
    this.#bytes -= bytes;
    return this.#items.splice(0, count);
  }

  /** Puts a batch back to the front, as it could not be sent yet. Returns the oldest that had to go. */
  putBack(batch: Queued[]): Queued[] {
    this.#items = [...batch, ...this.#items];
    this.#bytes += batch.reduce((sum, item) => sum + item.bytes, 0);
    return this.#shed();
  }

  clear(): Queued[] {
    const items = this.#items;
    this.#items = [];
    this.#bytes = 0;
    return items;
  }

  #shed(): Queued[] {
    let count = 0;
    while (this.#items.length - count > this.#maxEvents || (this.#bytes > this.#maxBytes && this.#items.length - count > 1)) {
      this.#bytes -= this.#items[count]!.bytes;
      count++;
    }
    return count > 0 ? this.#items.splice(0, count) : [];
  }
}
