import { describe, expect, it, onTestFinished, vi } from "vitest";
import { createGroupCommit, type GroupCommitLimits } from "../../lib/ingest/group-commit.ts";
import type { Submission, SubmissionOutcome } from "../../lib/ingest/submission.ts";
import { readEvent, type UsageEvent } from "../../lib/usage/schema.ts";

const oneEvent = readEvent({ request_id: "r", timestamp: "2026-01-01T00:00:00Z", provider: "p", model: "m" }).event as UsageEvent;
let keys = 0;
const newKey = () => new Uint8Array(32).fill(keys++ % 256);
const submission = (events = 1, keyHash = newKey()): Submission => ({ keyHash, events: Array.from({ length: events }, () => oneEvent) });
const limits: GroupCommitLimits = {
  inFlight: 2,
  overlapEvents: 1,
  lingerMs: 5,
  batchEvents: 10,
  queuedEvents: 30,
  queuedSubmissions: 20,
  patienceMs: 10_000,
};

/** A database in which each transaction ends when the test says so. */
function database() {
  const transactions: { size: number; events: number; commit: () => void; fail: (error: unknown) => void }[] = [];
  const record = (submissions: Submission[]) =>
    new Promise<SubmissionOutcome[]>((resolve, reject) => {
      transactions.push({
        size: submissions.length,
        events: submissions.reduce((sum, { events }) => sum + events.length, 0),
        commit: () => resolve(submissions.map(({ events }) => ({ outcome: "ok", results: events.map(() => ({ code: "accepted" })) }))),
        fail: reject,
      });
    });
  return { transactions, record };
}
const settled = () => new Promise((resolve) => setImmediate(resolve));
const withCode = (code: string) => Object.assign(new Error(code), { code });

describe("requests that arrive while transactions are in flight", () => {
  it("share the next commit, and none is acknowledged before it", async () => {
    const { transactions, record } = database();
    const { submit } = createGroupCommit(record, limits);
    const acknowledged: number[] = [];
    Array.from({ length: 10 }, (_, n) => submit(submission()).then(() => acknowledged.push(n)));
    await settled();
    expect(transactions.map(({ size }) => size)).toEqual([1, 1]);
    expect(acknowledged).toEqual([]);
    transactions[0]!.commit();
    await settled();
    expect(acknowledged).toEqual([0]);
    expect(transactions.map(({ size }) => size)).toEqual([1, 1, 8]);
    transactions[2]!.commit();
    await settled();
    expect(acknowledged).toEqual([0, 2, 3, 4, 5, 6, 7, 8, 9]);
    transactions[1]!.commit();
    await settled();
    expect(acknowledged).toHaveLength(10);
  });

  it("are waited for a moment when the last commit was shared by more than have come back", async () => {
    // The moment must not pass while a busy machine comes back to this test.
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
    onTestFinished(() => void vi.useRealTimers());
    const { transactions, record } = database();
    const { submit } = createGroupCommit(record, { ...limits, overlapEvents: 100, lingerMs: 20 });
    void submit(submission());
    for (let n = 0; n < 8; n++) void submit(submission());
    transactions[0]!.commit();
    await settled();
    expect(transactions.map(({ size }) => size)).toEqual([1, 8]);
    transactions[1]!.commit();
    await settled();
    for (let n = 0; n < 3; n++) void submit(submission());
    await settled();
    expect(transactions).toHaveLength(2);
    void submit(submission());
    await settled();
    expect(transactions.map(({ size }) => size)).toEqual([1, 8, 4]);
    transactions[2]!.commit();
    await settled();
    void submit(submission());
    await settled();
    expect(transactions).toHaveLength(3);
    vi.advanceTimersByTime(20);
    await settled();
    expect(transactions.map(({ size }) => size)).toEqual([1, 8, 4, 1]);
  });

  it("wait for it while they are few, and get a transaction beside it when they are many", async () => {
    const { transactions, record } = database();
    const { submit } = createGroupCommit(record, { ...limits, overlapEvents: 5 });
    void submit(submission(1));
    void submit(submission(2));
    void submit(submission(2));
    expect(transactions.map(({ events }) => events)).toEqual([1]);
    void submit(submission(9));
    expect(transactions.map(({ events }) => events)).toEqual([1, 4]);
    transactions[0]!.commit();
    await settled();
    expect(transactions.map(({ events }) => events)).toEqual([1, 4, 9]);
  });

  it("are taken in order, up to the size of a batch; a larger one goes alone", async () => {
    const { transactions, record } = database();
    const { submit } = createGroupCommit(record, { ...limits, inFlight: 1 });
    for (const events of [1, 4, 5, 2, 15, 1]) void submit(submission(events));
    for (let n = 0; n < 4; n++) {
      await settled();
      transactions[n]!.commit();
    }
    await settled();
    expect(transactions.map(({ events }) => events)).toEqual([1, 9, 2, 15, 1]);
  });

  it("are told to come back when too much is waiting, and room is found again", async () => {
    const { transactions, record } = database();
    const { submit } = createGroupCommit(record, { ...limits, inFlight: 1 });
    const first = submit(submission(1));
    void submit(submission(25));
    await expect(submit(submission(6))).rejects.toMatchObject({ code: "unavailable", retryAfterSeconds: 1 });
    const fits = submit(submission(5));
    transactions[0]!.commit();
    await first;
    await settled();
    transactions[1]!.commit();
    await settled();
    transactions[2]!.commit();
    await expect(fits).resolves.toMatchObject({ outcome: "ok" });
  });

  it("are bounded in number as well", async () => {
    const { record } = database();
    const { submit } = createGroupCommit(record, { ...limits, inFlight: 1, queuedSubmissions: 3 });
    for (let n = 0; n < 4; n++) void submit(submission(0));
    await expect(submit(submission(0))).rejects.toMatchObject({ code: "unavailable" });
  });
});

describe("requests of the same key", () => {
  it("are one submission to the database, and each gets its own part of the answer", async () => {
    const [mine, other] = [newKey(), newKey()];
    const recorded: number[][] = [];
    const { submit } = createGroupCommit(
      async (submissions) => {
        recorded.push(submissions.map(({ events }) => events.length));
        return submissions.map(({ keyHash, events }) =>
          keyHash === other
            ? { outcome: "forbidden" as const, results: [] }
            : { outcome: "ok" as const, apiKeyId: "k", results: events.map((_event, place) => ({ code: `${place}` })) },
        );
      },
      { ...limits, inFlight: 1 },
    );
    const outcomes = await Promise.all(
      [submission(1), submission(2, mine), submission(1, other), submission(3, mine), submission(0, mine)].map((one) => submit(one)),
    );
    expect(recorded).toEqual([[1], [5, 1]]);
    expect(outcomes.slice(1)).toEqual([
      { outcome: "ok", apiKeyId: "k", results: [{ code: "0" }, { code: "1" }] },
      { outcome: "forbidden", results: [] },
      { outcome: "ok", apiKeyId: "k", results: [{ code: "2" }, { code: "3" }, { code: "4" }] },
      { outcome: "ok", apiKeyId: "k", results: [] },
    ]);
  });
});

describe("when a transaction fails", () => {
  it("because the database is away, every request in it is refused and the next ones go on", async () => {
    const { transactions, record } = database();
    const { submit } = createGroupCommit(record, { ...limits, inFlight: 1 });
    const refused = [submit(submission()), submit(submission()), submit(submission())];
    const outcomes = Promise.allSettled(refused);
    transactions[0]!.fail(withCode("ECONNREFUSED"));
    await settled();
    transactions[1]!.fail(withCode("CONNECTION_CLOSED"));
    expect((await outcomes).map((outcome) => outcome.status === "rejected" && outcome.reason.code)).toEqual(Array(3).fill("unavailable"));
    expect(transactions).toHaveLength(2);
    const next = submit(submission());
    await settled();
    transactions[2]!.commit();
    await expect(next).resolves.toMatchObject({ outcome: "ok" });
  });

  it("because it never says anything, its requests are refused after a while and the next ones go on", async () => {
    let isDeaf = true;
    const { submit } = createGroupCommit(
      (submissions) =>
        isDeaf
          ? new Promise(() => {})
          : Promise.resolve(submissions.map(() => ({ outcome: "ok" as const, results: [{ code: "accepted" }] }))),
      { ...limits, inFlight: 1, patienceMs: 20 },
    );
    const given = submit(submission());
    isDeaf = false;
    const next = submit(submission());
    await expect(given).rejects.toMatchObject({ code: "unavailable" });
    await expect(next).resolves.toMatchObject({ outcome: "ok" });
  });

  it("because of another transaction, the whole is tried once more", async () => {
    const { transactions, record } = database();
    const { submit } = createGroupCommit(record, limits);
    const tried = submit(submission());
    transactions[0]!.fail(withCode("40P01"));
    await settled();
    transactions[1]!.commit();
    await expect(tried).resolves.toMatchObject({ outcome: "ok" });
    const given = submit(submission());
    const outcome = expect(given).rejects.toMatchObject({ code: "unavailable" });
    transactions[2]!.fail(withCode("40001"));
    await settled();
    transactions[3]!.fail(withCode("40001"));
    await outcome;
  });

  it("because of one request, only that one fails", async () => {
    const { transactions, record } = database();
    const { submit } = createGroupCommit(record, { ...limits, inFlight: 1 });
    const all = [submit(submission()), submit(submission()), submit(submission())];
    const outcomes = Promise.allSettled(all);
    transactions[0]!.commit();
    await settled();
    transactions[1]!.fail(withCode("22P02"));
    await settled();
    transactions[2]!.commit();
    await settled();
    transactions[3]!.fail(withCode("22P02"));
    expect((await outcomes).map(({ status }) => status)).toEqual(["fulfilled", "fulfilled", "rejected"]);
  });

  it("because the database answered for another number of requests, none is acknowledged", async () => {
    const { submit } = createGroupCommit(async () => [], limits);
    await expect(submit(submission())).rejects.toMatchObject({ code: "internal" });
  });
});
