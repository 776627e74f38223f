/** What the columns of an export are called, hold and come from. */

/**
 * text: free text, guarded in CSV. word: text that only we write. integer: a whole number. money: an exact decimal. time: an instant.
 * name: what people call the id in column `source`.
 */
type ColumnKind = "text" | "word" | "integer" | "money" | "time" | "name";
export type Column = { name: string; kind: ColumnKind; source: number };

/** A page of an export: rows of cells as COPY wrote them, empty where there is nothing. */
export type Rows = string[][];

/** `source` lists what the database gives, in its order; `columns` what leaves, as `name`, or `name<source` where it is called otherwise. */
function columnsOf(source: readonly string[], columns: readonly [ColumnKind, string][]): Column[] {
  return columns.flatMap(([kind, names]) =>
    names.split(" ").map((each) => {
      const [name = "", from = name] = each.split("<");
      const at = source.indexOf(from);
      if (at < 0) throw new Error(`an export has no column ${from}`);
      return { name, kind, source: at };
    }),
  );
}

/** The columns of private.export_requests(), in its order. The id is the second half of the cursor. */
export const requestSource =
  "request_id timestamp source provider model endpoint service_tier region status error_code input_tokens cached_input_tokens cache_write_5m_tokens cache_write_1h_tokens input_audio_tokens output_tokens reasoning_tokens output_audio_tokens latency_ms time_to_first_token_ms team_id project_id api_key_id feature end_user environment session_id trace_id cost cost_input cost_cached_input cost_cache_write cost_output cost_other cost_status id".split(
    " ",
  );

export const requestColumns = columnsOf(requestSource, [
  ["text", "request_id"],
  ["time", "timestamp"],
  ["word", "source"],
  ["text", "provider model endpoint service_tier region"],
  ["word", "status"],
  ["text", "error_code"],
  ["integer", "input_tokens cached_input_tokens cache_write_5m_tokens cache_write_1h_tokens input_audio_tokens output_tokens"],
  ["integer", "reasoning_tokens output_audio_tokens latency_ms time_to_first_token_ms"],
  ["word", "team_id"],
  ["name", "team_name<team_id"],
  ["word", "project_id"],
  ["name", "project_name<project_id"],
  ["word", "api_key_id"],
  ["name", "api_key_name<api_key_id"],
  ["text", "feature user_id<end_user environment session_id trace_id"],
  ["money", "cost cost_input cost_cached_input cost_cache_write cost_output cost_other"],
  ["word", "cost_status"],
]);

/** What is asked of private.export_costs(): the day it was asked for comes first. */
export const costSource =
  "day_start day_end provider model service_tier region team_id project_id api_key_id feature environment requests errors input_tokens cached_input_tokens output_tokens reasoning_tokens cost cost_input cost_cached_input cost_cache_write cost_output cost_other cost_status price_card_id".split(
    " ",
  );

export const costColumns = columnsOf(costSource, [
  ["time", "start<day_start end<day_end"],
  ["text", "provider model service_tier region"],
  ["word", "team_id"],
  ["name", "team_name<team_id"],
  ["word", "project_id"],
  ["name", "project_name<project_id"],
  ["word", "api_key_id"],
  ["name", "api_key_name<api_key_id"],
  ["text", "feature environment"],
  ["integer", "requests errors input_tokens cached_input_tokens output_tokens reasoning_tokens"],
  ["money", "cost cost_input cost_cached_input cost_cache_write cost_output cost_other"],
  ["word", "cost_status"],
  ["integer", "price_card_id"],
]);

/** `2026-11-21 15:21:42.5+00`, as Postgres writes an instant in UTC, as `2026-11-21T15:21:42.500000Z`. */
export function instantText(cell: string): string {
  if (cell === "") return "";
  const fraction = cell.length > 22 ? cell.slice(20, -3) : "";
  return `${cell.slice(0, 10)}T${cell.slice(11, 19)}.${fraction.padEnd(6, "0")}Z`;
}
