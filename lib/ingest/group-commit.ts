import { toAppError } from "../core/database-errors.ts";
import { AppError } from "../core/errors.ts";
import { mergeByKey } from "./merge-by-key.ts";
import type { Submission, SubmissionOutcome } from "./submission.ts";

export type GroupCommitLimits = {
  /** Transactions at the same time. A further one starts only when at least `overlapEvents` wait: small requests had better share the next. */
  inFlight: number;
  overlapEvents: number;
  /** Milliseconds for which the next transaction waits until half as many requests are there as shared the last one. */
  lingerMs: number;
  /** Events that one transaction takes on; a larger single submission goes alone. */
  batchEvents: number;
  /** Events and submissions that may wait; what comes after is told to come back later. */
  queuedEvents: number;
  queuedSubmissions: number;
  /** Milliseconds after which a transaction that says nothing counts as failed; longer than the database's own limits. */
  patienceMs: number;
};

export const groupCommitLimits: GroupCommitLimits = {
  inFlight: 2,
  overlapEvents: 100,
  lingerMs: 3,
  batchEvents: 2_000,
  queuedEvents: 60_000,
  queuedSubmissions: 5_000,
  patienceMs: 25_000,
};

type Waiting = Submission & { settle: (outcome: SubmissionOutcome) => void; fail: (error: AppError) => void };

/** What a submission asks of a transaction, counted in events: four spans that only hang together cost as much as one. */
const sizeOf = ({ events, spans = [] }: Submission): number => Math.max(events.length, Math.ceil(spans.length / 4));

const isConflictOfTransactions = (error: unknown): boolean => {
  const code: unknown = typeof error === "object" && error !== null && "code" in error ? error.code : undefined;
  return code === "40001" || code === "40P01";
};

/** The promise's outcome, or `unavailable` when it takes longer. A driver that lost its connection may never say so. */
function within<T>(milliseconds: number, promise: Promise<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new AppError("unavailable", undefined, { retryAfterSeconds: 2 })), milliseconds);
    promise.then(resolve, reject).finally(() => clearTimeout(timer));
  });
}

/**
 * Lets concurrent requests share a commit: while transactions are in flight, requests queue, and the next transaction takes all
 * that fit. `submit` resolves only after the commit that holds the submission; when it rejects, nothing was acknowledged.
 */
export function createGroupCommit(
  record: (submissions: Submission[]) => Promise<SubmissionOutcome[]>,
  limits: GroupCommitLimits = groupCommitLimits,
) {
  let queue: Waiting[] = [];
  let queuedEvents = 0;
  let running = 0;
  let shared = 1;
  let isLingering = false;

  function takeGroup(): Waiting[] {
    let events = 0;
    let size = 0;
    for (const waiting of queue) {
      if (size > 0 && events + sizeOf(waiting) > limits.batchEvents) break;
      events += sizeOf(waiting);
      size++;
    }
    const group = queue.slice(0, size);
    queue = queue.slice(size);
    queuedEvents -= events;
    return group;
  }

  async function commit(group: Waiting[], isRetry = false): Promise<void> {
    try {
      const { merged, split } = mergeByKey(group);
      const outcomes = split(await within(limits.patienceMs, record(merged)));
      group.forEach((waiting, index) => {
        waiting.settle(outcomes[index]!);
      });
    } catch (error) {
      if (isConflictOfTransactions(error) && !isRetry) return commit(group, true);
      const known = toAppError(error);
      // The database is there and refused: find the submission it refused, so that it takes no other down with it.
      if (known.code !== "unavailable" && group.length > 1) {
        for (const waiting of group) await commit([waiting]);
        return;
      }
      for (const waiting of group) waiting.fail(known);
    }
  }

  /**
   * Callers that wait for their answer come back soon after the commit, one by one: starting at the first of them would make every other
   * transaction a small one, at nearly the price of a full one. A lone caller never waits.
   */
  function isWorthWaiting(): boolean {
    return queue.length < shared / 2 && queuedEvents < limits.overlapEvents;
  }

  function drain(isLate = false): void {
    if (running === 0 && queue.length > 0 && !isLate && isWorthWaiting()) {
      if (isLingering) return;
      isLingering = true;
      setTimeout(() => {
        isLingering = false;
        drain(true);
      }, limits.lingerMs);
      return;
    }
    while (queue.length > 0 && (running === 0 || (running < limits.inFlight && queuedEvents >= limits.overlapEvents))) {
      running++;
      const group = takeGroup();
      shared = group.length;
      void commit(group).then(() => {
        running--;
        drain();
      });
    }
  }

  return {
    /** @throws AppError `unavailable` when the database or the queue cannot take it now. */
    submit(submission: Submission): Promise<SubmissionOutcome> {
      if (queue.length >= limits.queuedSubmissions || queuedEvents + sizeOf(submission) > limits.queuedEvents) {
        return Promise.reject(
          new AppError("unavailable", "More is arriving than can be stored. Try again shortly.", { retryAfterSeconds: 1 }),
        );
      }
      return new Promise((settle, fail) => {
        queue.push({ ...submission, settle, fail });
        queuedEvents += sizeOf(submission);
        drain();
      });
    },
  };
}
