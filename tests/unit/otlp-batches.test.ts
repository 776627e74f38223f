/** How the spans of many requests travel together to the database. */
import { describe, expect, it } from "vitest";
import { createGroupCommit, groupCommitLimits } from "../../lib/ingest/group-commit.ts";
import { mergeByKey } from "../../lib/ingest/merge-by-key.ts";
import type { SpanLink, Submission } from "../../lib/ingest/submission.ts";
import { spanForest } from "../../lib/otlp/span-forest.ts";
import { readEvent, type UsageEvent } from "../../lib/usage/schema.ts";

const oneEvent = readEvent({ request_id: "r", timestamp: "2026-01-01T00:00:00Z", provider: "p", model: "m" }).event as UsageEvent;
const traceId = "1".repeat(32);
const id = (number: number): string => number.toString(16).padStart(16, "0");
const link = (number: number, parent: number | null, event: number | null = null): SpanLink => ({
  traceId,
  spanId: id(number),
  parentSpanId: parent === null ? null : id(parent),
  call: event === null ? null : { event, family: "generation", hasUsage: true },
});
const submission = (key: number, spans: SpanLink[]): Submission => ({
  keyHash: new Uint8Array(32).fill(key),
  events: spans.filter(({ call }) => call !== null).map(() => oneEvent),
  spans,
});

describe("the forest of a batch", () => {
  it("puts parents before children, whatever order they came in, and makes a node of a parent that is elsewhere", () => {
    const forest = spanForest([submission(1, [link(4, 3, 0), link(3, 2), link(2, 1), link(5, 3, 1)])]);
    expect(forest.spans).toEqual(["1", "2", "3", "4", "5"]);
    expect(forest.parents).toEqual([0, 1, 2, 3, 3]);
    expect(forest.families).toEqual([null, null, null, "generation", "generation"]);
    expect(forest.eventNodes).toEqual([4, 5]);
  });

  it("keeps the trees of several submissions apart, and the events in order", () => {
    const forest = spanForest([
      submission(1, [link(2, 1, 0)]),
      { keyHash: new Uint8Array(32), events: [oneEvent] },
      submission(2, [link(2, 1, 0)]),
    ]);
    expect(forest.submissions).toEqual([1, 1, 3, 3]);
    expect(forest.eventNodes).toEqual([2, 0, 4]);
  });

  it("takes a span that comes twice as one, and breaks circles", () => {
    const forest = spanForest([submission(1, [link(1, 2), link(2, 1), link(3, 3), link(7, null, 0), link(7, null, 1)])]);
    expect(forest.spans).toEqual(["2", "1", "3", "7"]);
    expect(forest.parents).toEqual([0, 1, 0, 0]);
    expect(forest.eventNodes).toEqual([4, 4]);
  });

  it("follows a chain of any length without a stack", () => {
    const chain = Array.from({ length: 20_000 }, (_, depth) => link(20_001 - depth, 20_000 - depth));
    expect(spanForest([submission(1, chain)]).spans).toHaveLength(20_001);
  });

  it("writes span ids as Postgres stores them", () => {
    const spans = [
      { ...link(1, null), spanId: "ffffffffffffffff" },
      { ...link(1, null), spanId: "7fffffffffffffff" },
    ];
    expect(spanForest([submission(1, spans)]).spans).toEqual(["-1", "9223372036854775807"]);
  });
});

it("requests of one key are merged with their spans, each pointing at its own event", () => {
  const { merged } = mergeByKey([
    submission(1, [link(2, 1, 0)]),
    submission(2, [link(9, null)]),
    submission(1, [link(3, 1), link(4, 3, 0)]),
  ]);
  expect(merged.map(({ spans }) => spans?.map(({ spanId, call }) => [spanId, call?.event ?? null]))).toEqual([
    [
      [id(2), 0],
      [id(3), null],
      [id(4), 1],
    ],
    [[id(9), null]],
  ]);
});

it("spans without any call fill a transaction too", async () => {
  const sizes: number[] = [];
  const { submit } = createGroupCommit(
    async (submissions) => {
      sizes.push(submissions.length);
      return submissions.map(() => ({ outcome: "ok", results: [] }));
    },
    { ...groupCommitLimits, batchEvents: 100, overlapEvents: 1, inFlight: 1, lingerMs: 0 },
  );
  const spans = Array.from({ length: 200 }, (_, number) => link(number + 1, null));
  await Promise.all([1, 2, 3, 4].map((key) => submit(submission(key, spans))));
  expect(sizes).toEqual([1, 2, 1]);
});
