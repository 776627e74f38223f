import { type Adapter, RowProblem, type SourceRow } from "../adapter.ts";
import { cell, count, decimal, flag, moment, objectOf, present, text } from "../cells.ts";
import type { ImportMapping } from "../schema.ts";
import { vendorOfModel } from "../vendors.ts";

const counts = [
  "input_tokens",
  "cached_input_tokens",
  "cache_write_5m_tokens",
  "cache_write_1h_tokens",
  "input_audio_tokens",
  "cached_input_audio_tokens",
  "output_tokens",
  "reasoning_tokens",
  "output_audio_tokens",
  "web_search_calls",
  "images",
  "latency_ms",
  "time_to_first_token_ms",
] as const;
const flags = ["cache_hit", "is_estimated", "is_partial"] as const;
const objects = ["tags", "metadata", "raw_usage"] as const;
const texts = [
  "model",
  "endpoint",
  "service_tier",
  "region",
  "status",
  "error_code",
  "feature",
  "user_id",
  "environment",
  "session_id",
  "trace_id",
  "operation_id",
  "team_id",
  "project_id",
  "prompt_hash",
  "prompt_fingerprint",
  "normalizer",
] as const;

/** What a column can be mapped to: every field of a usage event, and `cost`, which is compared and never stored as a price. */
export const importFields: readonly string[] = [
  "request_id",
  "timestamp",
  "provider",
  ...texts,
  ...counts,
  "audio_seconds",
  ...flags,
  ...objects,
  "cost",
];

/** The row with the columns under the names of our fields; a constant (`=openai`) stands for every row. */
function mapped(row: SourceRow, mapping: ImportMapping): SourceRow {
  const named: Record<string, unknown> = { ...row };
  for (const [field, column] of Object.entries(mapping)) named[field] = column.startsWith("=") ? column.slice(1) : cell(row, column);
  return named;
}

/** Our own fields, one call per row: JSONL or CSV with the names of the track door, or any table with a mapping. */
export const tokentra: Adapter = {
  id: "tokentra",
  label: "TokenTRA or any table",
  comesFrom: "JSON, JSONL or CSV with one call per row; columns with other names are mapped.",
  kind: "requests",
  matches: (columns) => columns.has("timestamp") && columns.has("model") && (columns.has("input_tokens") || columns.has("output_tokens")),
  read(row, mapping) {
    const named = mapped(row, mapping);
    const fields: Record<string, unknown> = {
      timestamp: moment(named, "timestamp"),
      provider: text(named, "provider") ?? vendorOfModel(text(named, "model") ?? ""),
      audio_seconds: decimal(named, "audio_seconds"),
    };
    for (const name of texts) fields[name] = text(named, name);
    for (const name of counts) fields[name] = count(named, name);
    for (const name of flags) fields[name] = flag(named, name);
    for (const name of objects) {
      const written = cell(named, name);
      fields[name] = objectOf(written);
      if (fields[name] === null && written !== undefined && written !== null && written !== "") {
        throw new RowProblem("invalid", `${name} must be a JSON object`);
      }
    }
    return [{ id: text(named, "request_id"), fields: present(fields), cost: decimal(named, "cost") }];
  },
};
