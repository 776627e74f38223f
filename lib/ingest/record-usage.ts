import type { Sql } from "postgres";
import type { UsageEvent } from "../usage/schema.ts";
import { binaryArray, numberArray, rawArray, textArray } from "./array-literal.ts";
import type { EventResult, Submission, SubmissionOutcome } from "./submission.ts";

/** Channels by which usage arrives; the last three may bring events older than 35 days and ask for the scope `admin`. */
export type RecordSource = "sdk" | "gateway" | "otlp" | "import" | "provider_sync" | "internal";

/** Codes of private.record_usage() and private.record_spans(), by number. */
const results: Record<number, EventResult> = {
  0: { code: "accepted" },
  1: { code: "duplicate" },
  2: { code: "id_conflict", message: "request_id was stored before with other content; the first write stays" },
  3: { code: "timestamp_out_of_range", message: "timestamp must lie between 35 days ago and 5 minutes from now" },
  4: { code: "not_found", message: "team_id names no team of this organization" },
  5: { code: "not_found", message: "project_id names no project of this organization" },
  6: { code: "nested" },
};

/** What many events of a batch share is sent once, as a class. */
const classFields = [
  "provider",
  "model",
  "endpoint",
  "service_tier",
  "region",
  "status",
  "error_code",
  "cache_hit",
  "feature",
  "environment",
  "team_id",
  "project_id",
  "normalizer",
  "is_estimated",
  "is_partial",
] as const satisfies readonly (keyof UsageEvent)[];

const countFields = [
  "input_tokens",
  "cached_input_tokens",
  "cache_write_5m_tokens",
  "cache_write_1h_tokens",
  "input_audio_tokens",
  "cached_input_audio_tokens",
  "output_tokens",
  "reasoning_tokens",
  "output_audio_tokens",
  "latency_ms",
  "time_to_first_token_ms",
] as const satisfies readonly (keyof UsageEvent)[];

const textFields = [
  "session_id",
  "trace_id",
  "operation_id",
  "prompt_hash",
  "prompt_fingerprint",
  "tags",
  "metadata",
  "raw_usage",
] as const;

/** Canonical UTC text with six decimals → microseconds since 1970 (a safe integer). */
function toMicroseconds(timestamp: string): number {
  return Date.parse(`${timestamp.slice(0, 23)}Z`) * 1000 + Number(timestamp.slice(23, 26));
}

/** Billable units that are not tokens, as JSON text with exact decimals; null when none was sent. */
function otherUnits({ web_search_calls, images, audio_seconds }: UsageEvent): string | null {
  if (web_search_calls === null && images === null && audio_seconds === null) return null;
  const units: Record<string, string> = {};
  if (web_search_calls !== null) units.web_search_calls = String(web_search_calls);
  if (images !== null) units.images = String(images);
  if (audio_seconds !== null) units.audio_seconds = audio_seconds;
  return JSON.stringify(units);
}

/** The submissions as the columns that private.record_usage() takes. */
export function toColumns(submissions: readonly Submission[]) {
  const places = new Map<string, number>();
  const classes: { submission: number; event: UsageEvent }[] = [];
  const events: UsageEvent[] = [];
  const classOf: number[] = [];
  submissions.forEach(({ events: sent }, index) => {
    for (const event of sent) {
      let identity = `${index}`;
      for (const field of classFields) identity += `\u0000${event[field] ?? ""}`;
      let place = places.get(identity);
      if (place === undefined) {
        place = classes.push({ submission: index + 1, event });
        places.set(identity, place);
      }
      classOf.push(place);
      events.push(event);
    }
  });
  return [
    binaryArray(submissions.map(({ keyHash }) => keyHash)),
    numberArray(classes.map(({ submission }) => submission)),
    ...classFields.map((field) => {
      const values = classes.map(({ event }) => event[field]);
      return field === "cache_hit" || field === "is_estimated" || field === "is_partial"
        ? rawArray(values as (boolean | null)[])
        : textArray(values as (string | null)[]);
    }),
    numberArray(classOf),
    textArray(events.map(({ request_id }) => request_id)),
    numberArray(events.map(({ timestamp }) => toMicroseconds(timestamp))),
    ...countFields.map((field) =>
      sparse(
        events.map((event) => event[field]),
        rawArray,
      ),
    ),
    sparse(
      events.map(({ user_id }) => user_id),
      textArray,
    ),
    sparse(events.map(otherUnits), textArray),
    ...textFields.map((field) =>
      sparse(
        events.map((event) => event[field]),
        textArray,
      ),
    ),
  ];
}

/** A column that nobody sent is null as a whole and costs nothing. */
function sparse<T>(values: (T | null)[], write: (values: (T | null)[]) => string): string | null {
  return values.some((value) => value !== null) ? write(values) : null;
}

export type RecordAnswer = {
  outcomes: SubmissionOutcome["outcome"][];
  organization_ids: string[];
  api_key_ids: string[];
  codes: number[] | null;
};

export type UsageColumns = ReturnType<typeof toColumns>;

const statement = `select * from private.record_usage(${Array.from({ length: 42 }, (_, index) => `$${index + 1}`).join(", ")})`;

/** The call itself, for what is already in columns. */
export async function recordColumns(sql: Sql, source: RecordSource, columns: UsageColumns): Promise<RecordAnswer> {
  const [answer] = await sql.unsafe<RecordAnswer[]>(statement, [source, ...columns], { prepare: true });
  if (!answer) throw new Error("private.record_usage() returned no row");
  return answer;
}

/** What the database answered, for each submission in order. */
export function answerOf(submissions: readonly Submission[], answer: RecordAnswer): SubmissionOutcome[] {
  let next = 0;
  return submissions.map(({ events }, index) => {
    const outcome = answer.outcomes[index]!;
    const from = next;
    next += events.length;
    return {
      outcome,
      organizationId: outcome === "ok" ? (answer.organization_ids[index] ?? null) : null,
      apiKeyId: outcome === "ok" ? (answer.api_key_ids[index] ?? null) : null,
      results: outcome === "ok" ? events.map((_, place) => results[answer.codes?.[from + place] ?? 0]!) : [],
    };
  });
}

/**
 * Stores submissions through private.record_usage(): one statement, one transaction, however many keys and events. Resolves after
 * the commit, with one outcome per submission, in order. Rejects with the database's error when nothing was stored.
 */
export async function recordUsage(
  sql: Sql,
  submissions: readonly Submission[],
  { source = "sdk" }: { source?: RecordSource } = {},
): Promise<SubmissionOutcome[]> {
  if (submissions.length === 0) return [];
  return answerOf(submissions, await recordColumns(sql, source, toColumns(submissions)));
}
