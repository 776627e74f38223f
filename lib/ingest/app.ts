import type { Hono } from "hono";
import { bearerKey } from "../core/api-key.ts";
import { AppError } from "../core/errors.ts";
import { createKeyUse, type TouchKeys } from "../core/key-use.ts";
import { createObservedApp, type DoorEnvironment, type DoorTools, refuseOtherMethods } from "../log/observe.ts";
import { type AdmissionLimits, createAdmission, expectedBytes } from "./admission.ts";
import { createGroupCommit, type GroupCommitLimits, groupCommitLimits } from "./group-commit.ts";
import { type ParsedBatch, parseBatch, type RejectedItem } from "./parse-batch.ts";
import { readJson } from "./read-body.ts";
import { createRefusedKeys } from "./refused-keys.ts";
import type { RecordUsage, SubmissionOutcome, UsageSource } from "./submission.ts";

export type IngestOptions = DoorTools & {
  record: RecordUsage;
  /** Where the door answers; an Edge Function has its own name in front. */
  path?: string;
  limits?: GroupCommitLimits;
  admission?: AdmissionLimits;
  touchKeys?: TouchKeys;
};

/** The answer of K3. `rejected` is in the order of the request. */
export type TrackAnswer = { accepted: number; duplicates: number; rejected: RejectedItem[] };

function sourceOf(query: string | undefined): UsageSource {
  if (query === undefined || query === "sdk") return "sdk";
  if (query === "import") return "import";
  throw new AppError("unprocessable", "source must be sdk or import", { param: "source" });
}

function answerFor(batch: ParsedBatch, outcome: SubmissionOutcome): TrackAnswer {
  const answer: TrackAnswer = { accepted: 0, duplicates: 0, rejected: batch.rejected };
  outcome.results.forEach(({ code, message }, place) => {
    if (code === "accepted") answer.accepted++;
    else if (code === "duplicate") answer.duplicates++;
    else {
      const index = batch.positions[place]!;
      answer.rejected.push({ index, request_id: batch.events[place]!.request_id, code, message: message ?? code });
    }
  });
  answer.rejected.sort((a, b) => a.index - b.index);
  return answer;
}

/**
 * Door 1: `POST /api/sdk/v1/track`. Reads, checks and hands on; which organization it is, what it costs and whether it was seen
 * before is decided in SQL. Answers 200 only after the commit that holds every accepted event.
 */
export function createIngestApp(options: IngestOptions): Hono<DoorEnvironment> {
  const { record, now, path = "/api/sdk/v1/track", limits = groupCommitLimits, touchKeys = async () => {} } = options;
  const commits = {
    sdk: createGroupCommit((submissions) => record(submissions, "sdk"), limits),
    import: createGroupCommit((submissions) => record(submissions, "import"), limits),
  };
  const admission = createAdmission(options.admission);
  const refusedKeys = createRefusedKeys(now);
  const noteUse = createKeyUse(touchKeys, now);
  const app = createObservedApp(options);

  async function store(keyHash: Uint8Array, source: UsageSource, request: Request): Promise<[ParsedBatch, SubmissionOutcome]> {
    const batch = parseBatch(await readJson(request), now(), source === "import");
    return [batch, await commits[source].submit({ keyHash, events: batch.events })];
  }

  app.post(path, async (c) => {
    const keyHash = await options.sha256(bearerKey(c.req.header("authorization")));
    const keyName = keyHash.join();
    if (refusedKeys.has(keyName)) throw new AppError("unauthenticated");
    const source = sourceOf(c.req.query("source"));
    const leave = admission.enter(keyName, expectedBytes(c.req.raw.headers));
    const [batch, outcome] = await store(keyHash, source, c.req.raw).finally(leave);
    if (outcome.outcome === "unauthenticated") {
      refusedKeys.add(keyName);
      throw new AppError("unauthenticated");
    }
    if (outcome.outcome === "forbidden") {
      throw new AppError("forbidden", `This key lacks the scope ${source === "import" ? "admin" : "ingest"}.`);
    }
    if (outcome.apiKeyId) noteUse(outcome.apiKeyId);
    const answer = answerFor(batch, outcome);
    const { accepted, duplicates, rejected } = answer;
    Object.assign(c.get("facts"), { organization_id: outcome.organizationId, accepted, duplicates, rejected: rejected.length });
    return c.json(answer);
  });
  refuseOtherMethods(app, path, "POST");
  return app;
}
