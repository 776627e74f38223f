import { toCsv } from "@/lib/core/csv.ts";
import type { RequestRow } from "@/lib/usage/rows.ts";

const COLUMNS = [
  "request_id",
  "timestamp",
  "provider",
  "model",
  "endpoint",
  "service_tier",
  "status",
  "error_code",
  "input_tokens",
  "cached_input_tokens",
  "output_tokens",
  "reasoning_tokens",
  "latency_ms",
  "time_to_first_token_ms",
  "cost",
  "cost_status",
  "team_name",
  "project_name",
  "feature",
  "end_user",
  "environment",
  "api_key_name",
] as const satisfies readonly (keyof RequestRow)[];

/** The rows as listed, costs as exact decimals; an unpriced cost is empty, never 0. */
export function requestsCsv(rows: readonly RequestRow[]): string {
  return toCsv(
    COLUMNS,
    rows.map((row) => COLUMNS.map((column) => row[column])),
  );
}
