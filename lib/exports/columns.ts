/** What the columns of an export are called, hold and come from. */

/**
 * text: free text, guarded in CSV. word: text that only we write. integer: a whole number. money: an exact decimal. time: an instant.
 * name: what people call the id in the source column.
 */
type ColumnKind = "text" | "word" | "integer" | "money" | "time" | "name";
export type Column = { name: string; kind: ColumnKind; source: number };

/**
 * `source` is what the database gives, in its order. The columns made of its first `head` ones come first; all others leave as they come and
 * in the same order, so that the rest of a line can be handed on whole.
 */
export type Sheet = { source: readonly string[]; head: number; columns: readonly Column[]; headColumns: readonly Column[] };

type Part = readonly [ColumnKind, names: string];

const words = (names: string): string[] => names.split(" ");

/** `head` and `rest` say what leaves, as `name`, or `name<source` where it is called otherwise. `unseen` comes first and does not leave. */
function sheet(unseen: string, head: readonly Part[], rest: readonly Part[]): Sheet {
  const names = (parts: readonly Part[]) => parts.flatMap(([kind, list]) => words(list).map((each) => ({ kind, names: each.split("<") })));
  const sourceOf = ({ names: [name = "", from = name] }: { names: string[] }): string => from;
  const source = [...new Set([...words(unseen).filter((each) => each !== ""), ...names(head).map(sourceOf)])];
  const columnsOf = (parts: readonly Part[]): Column[] =>
    names(parts).map((each) => ({ name: each.names[0] ?? "", kind: each.kind, source: source.indexOf(sourceOf(each)) }));
  const headColumns = columnsOf(head);
  const length = source.length;
  source.push(...names(rest).map(sourceOf));
  return { source, head: length, headColumns, columns: [...headColumns, ...columnsOf(rest)] };
}

const places: Part[] = [
  ["word", "team_id"],
  ["name", "team_name<team_id"],
  ["word", "project_id"],
  ["name", "project_name<project_id"],
  ["word", "api_key_id"],
  ["name", "api_key_name<api_key_id"],
];
const money: Part = ["money", "cost cost_input cost_cached_input cost_cache_write cost_output cost_other"];

/** A record each, out of private.export_requests(). The id is the second half of the cursor. */
export const requestSheet = sheet(
  "id",
  [["text", "request_id"], ["time", "timestamp"], ...places],
  [
    ["word", "source"],
    ["text", "provider model endpoint service_tier region"],
    ["word", "status"],
    ["text", "error_code"],
    ["integer", "input_tokens cached_input_tokens cache_write_5m_tokens cache_write_1h_tokens input_audio_tokens output_tokens"],
    ["integer", "reasoning_tokens output_audio_tokens latency_ms time_to_first_token_ms"],
    ["text", "feature end_user environment session_id trace_id"],
    money,
    ["word", "cost_status"],
  ],
);

/** Sums of a day, out of private.export_costs(). */
export const costSheet = sheet(
  "",
  [["time", "start<day_start end<day_end"], ...places],
  [
    ["text", "provider model service_tier region feature environment"],
    ["integer", "requests errors input_tokens cached_input_tokens output_tokens reasoning_tokens"],
    money,
    ["word", "cost_status"],
    ["integer", "price_card_id"],
  ],
);

/** Lines as COPY wrote them. They are split one by one as they are written on: all cells of a page at once would be most of our memory. */
export type Lines = readonly string[];

const escapes: Record<string, string> = { b: "\b", f: "\f", n: "\n", r: "\r", t: "\t", v: "\v" };

/** The cells of a line of COPY (text, delimiter comma), empty where there is nothing. */
export function cellsOf(line: string): string[] {
  if (!line.includes("\\")) return line.split(",");
  const cells = [""];
  for (const [, escaped, plain] of line.matchAll(/\\(.)|([^\\])/gsu)) {
    if (plain === ",") cells.push("");
    else cells[cells.length - 1] += plain ?? escapes[escaped ?? ""] ?? escaped ?? "";
  }
  return cells;
}

/** `2026-11-21 15:21:42.5+00`, as Postgres writes an instant in UTC, as `2026-11-21T15:21:42.500000Z`. */
export function instantText(cell: string): string {
  if (cell === "") return "";
  const fraction = cell.length > 22 ? cell.slice(20, -3) : "";
  return `${cell.slice(0, 10)}T${cell.slice(11, 19)}.${fraction.padEnd(6, "0")}Z`;
}
