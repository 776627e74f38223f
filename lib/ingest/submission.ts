import type { UsageEvent } from "../usage/schema.ts";

/** Where the events come from; `import` may be older than 35 days and asks for the scope `admin`. */
export type UsageSource = "sdk" | "import";

/** How a span hangs together with others, and the event (by its place in the submission) of the model call that it stands for. */
export type SpanLink = {
  traceId: string;
  spanId: string;
  parentSpanId: string | null;
  call: { event: number; family: string; hasUsage: boolean } | null;
};

/** One request's good events under the SHA-256 (32 bytes) of the key that sent them; from traces, all spans of the request as well. */
export type Submission = { keyHash: Uint8Array; events: UsageEvent[]; spans?: SpanLink[] };

/** What became of one event: "accepted", "duplicate", or the reason why it was not stored. */
export type EventResult = { code: string; message?: string | undefined };

/** What became of one submission. `results` has one entry per event, in order, when the outcome is ok. */
export type SubmissionOutcome = {
  outcome: "ok" | "unauthenticated" | "forbidden";
  organizationId?: string | null | undefined;
  apiKeyId?: string | null | undefined;
  results: EventResult[];
};

/** Stores all submissions in one transaction and resolves after its commit, with one outcome per submission, in order. */
export type RecordUsage = (submissions: Submission[], source: UsageSource) => Promise<SubmissionOutcome[]>;
