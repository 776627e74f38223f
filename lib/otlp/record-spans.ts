import type { Sql } from "postgres";
import { numberArray, rawArray, textArray } from "../ingest/array-literal.ts";
import { answerOf, type RecordAnswer, toColumns } from "../ingest/record-usage.ts";
import type { Submission, SubmissionOutcome } from "../ingest/submission.ts";
import { spanForest } from "./span-forest.ts";

const statement = `select * from private.record_spans(${Array.from({ length: 48 }, (_, index) => `$${index + 1}`).join(", ")})`;

/**
 * Stores submissions of spans through private.record_spans(), which also decides which of them are charged: one statement, one
 * transaction. Resolves after the commit, with one outcome per submission; a call that is charged through another span has the code `nested`.
 */
export async function recordSpans(sql: Sql, submissions: readonly Submission[]): Promise<SubmissionOutcome[]> {
  if (submissions.length === 0) return [];
  const { eventNodes, submissions: owners, traces, spans, parents, families, hasUsage } = spanForest(submissions);
  const columns = [
    ...toColumns(submissions),
    numberArray(eventNodes),
    numberArray(owners),
    textArray(traces),
    textArray(spans),
    numberArray(parents),
    textArray(families),
    rawArray(hasUsage),
  ];
  const [answer] = await sql.unsafe<RecordAnswer[]>(statement, columns, { prepare: true });
  if (!answer) throw new Error("private.record_spans() returned no row");
  return answerOf(submissions, answer);
}
