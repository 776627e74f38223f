import type { Hono } from "hono";
import { bearerKey } from "../core/api-key.ts";
import { toAppError } from "../core/database-errors.ts";
import { AppError } from "../core/errors.ts";
import { createKeyUse, type TouchKeys } from "../core/key-use.ts";
import { type AdmissionLimits, createAdmission, expectedBytes } from "../ingest/admission.ts";
import { createGroupCommit, type GroupCommitLimits, groupCommitLimits } from "../ingest/group-commit.ts";
import { parseJson, readBody } from "../ingest/read-body.ts";
import { createRefusedKeys } from "../ingest/refused-keys.ts";
import type { Submission, SubmissionOutcome } from "../ingest/submission.ts";
import { createObservedApp, type DoorEnvironment, type DoorTools, refuseOtherMethods } from "../log/observe.ts";
import { type Encoding, encodingOf, failureAnswer, mediaTypes, type PartialSuccess, successBody } from "./answer.ts";
import { type ParsedSpans, parseSpans } from "./parse-spans.ts";
import { readJsonSpans } from "./read-json.ts";
import { readProtobufSpans } from "./read-protobuf.ts";

export type OtlpOptions = DoorTools & {
  record: (submissions: Submission[]) => Promise<SubmissionOutcome[]>;
  path?: string;
  limits?: GroupCommitLimits;
  admission?: AdmissionLimits;
  touchKeys?: TouchKeys;
};

const reasonsTold = 3;

async function parseRequest(request: Request, encoding: Encoding, nowMs: number): Promise<ParsedSpans> {
  const bytes = await readBody(request);
  return parseSpans(encoding === "json" ? readJsonSpans(parseJson(bytes)) : readProtobufSpans(bytes), nowMs);
}

/** What the sender is told about spans that were not stored: how many, and the first reasons. */
function partialSuccess(refusals: readonly string[]): PartialSuccess | null {
  if (refusals.length === 0) return null;
  const rest = refusals.length - reasonsTold;
  const told = refusals.slice(0, reasonsTold).join("; ");
  return { rejectedSpans: refusals.length, errorMessage: rest > 0 ? `${told}; and ${rest} more` : told };
}

/**
 * The door for OpenTelemetry: `POST /api/otlp/v1/traces`, OTLP/HTTP in JSON or protobuf. Model calls among the spans become usage
 * records through the same group commit and the same SQL function as all others; a span is one request id, so a repeated export
 * counts once. Answers 200 only after the commit; errors are a google.rpc.Status in the encoding of the request.
 */
export function createOtlpApp(options: OtlpOptions): Hono<DoorEnvironment> {
  const { now, path = "/api/otlp/v1/traces", limits = groupCommitLimits, touchKeys = async () => {} } = options;
  const commits = createGroupCommit(options.record, limits);
  const admission = createAdmission(options.admission);
  const refusedKeys = createRefusedKeys(now);
  const noteUse = createKeyUse(touchKeys, now);
  const app = createObservedApp(options);
  app.onError((error, c) => failureAnswer(toAppError(error), c.get("requestId"), encodingOf(c.req.header("content-type"))));

  app.post(path, async (c) => {
    // Some exporters can set any header but this one.
    const bare = c.req.header("x-api-key");
    const key = bearerKey(c.req.header("authorization") ?? (bare === undefined ? undefined : `Bearer ${bare}`));
    const keyHash = await options.sha256(key);
    const keyName = keyHash.join();
    if (refusedKeys.has(keyName)) throw new AppError("unauthenticated");
    const encoding = encodingOf(c.req.header("content-type"));
    if (encoding === null)
      throw new AppError("unsupported_media", "Send application/x-protobuf or application/json.", { param: "content-type" });
    const leave = admission.enter(keyName, expectedBytes(c.req.raw.headers));
    let parsed: ParsedSpans;
    let outcome: SubmissionOutcome;
    try {
      parsed = await parseRequest(c.req.raw, encoding, now());
      outcome = await commits.submit({ keyHash, events: parsed.events, spans: parsed.spans });
    } finally {
      leave();
    }
    if (outcome.outcome === "unauthenticated") {
      refusedKeys.add(keyName);
      throw new AppError("unauthenticated");
    }
    if (outcome.outcome === "forbidden") throw new AppError("forbidden", "This key lacks the scope ingest.");
    if (outcome.apiKeyId) noteUse(outcome.apiKeyId);
    const counted = { accepted: 0, duplicates: 0, nested: 0 };
    const refusals = [...parsed.refusals];
    outcome.results.forEach(({ code, message }, place) => {
      if (code === "accepted") counted.accepted++;
      else if (code === "duplicate") counted.duplicates++;
      else if (code === "nested") counted.nested++;
      else refusals.push(`span ${parsed.events[place]!.request_id.slice(33)}: ${message ?? code}`);
    });
    Object.assign(c.get("facts"), { organization_id: outcome.organizationId, ...counted, rejected: refusals.length });
    return c.body(successBody(encoding, partialSuccess(refusals)), 200, { "content-type": mediaTypes[encoding] });
  });
  refuseOtherMethods(app, path, "POST");
  return app;
}
