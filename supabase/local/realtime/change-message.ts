// The message a subscriber gets for one row change.
import type { Row } from "./changes-filter.ts";
import type { ChangeType } from "./changes-subscription.ts";
import { MAX_CHANGE_BYTES } from "./limits.ts";
import type { Column, Relation } from "./relation.ts";

export type Change = {
  relation: Relation;
  type: ChangeType;
  /** The row after an insert or update, cells as Postgres prints them; a large unchanged cell may be missing. */
  record: Row | undefined;
  /** What replica identity tells about the row before an update or delete. */
  old: Row | undefined;
  committedAt: string;
};

const LARGEST_KEPT_CELL_BYTES = 64;

/** `columns` are those the role may see, `select` those the subscription wants (the key always comes along). */
export function changeMessage(change: Change, columns: ReadonlySet<string>, select: string[] | undefined) {
  const { relation, type, committedAt } = change;
  const wanted = relation.columns.filter(({ name, isKey }) => columns.has(name) && (!select || isKey || select.includes(name)));
  const common = { schema: relation.schema, table: relation.table, commit_timestamp: committedAt, type };
  const build = (limit: number) => ({
    ...common,
    columns: wanted.map((column) => ({ name: column.name, type: column.type })),
    ...(type !== "DELETE" && { record: toObject(change.record, wanted, limit) }),
    ...(type !== "INSERT" && { old_record: toObject(oldRow(change), oldColumns(change, wanted), limit) }),
  });
  const full = { ...build(Number.POSITIVE_INFINITY), errors: null };
  if (sizeOf(change) <= MAX_CHANGE_BYTES) return full;
  return { ...build(LARGEST_KEPT_CELL_BYTES), errors: ["Error 413: Payload Too Large"] };
}

/** The message in place of a row that cannot be checked or may not be seen at all. */
export function refusedMessage({ relation, type, committedAt }: Change, reason: string) {
  const common = { schema: relation.schema, table: relation.table, commit_timestamp: committedAt, type, columns: [] };
  return { ...common, ...(type !== "DELETE" && { record: {} }), ...(type !== "INSERT" && { old_record: {} }), errors: [reason] };
}

/** Without a stored old row the key is known all the same: from the new row, as it did not change. */
const oldRow = ({ old, record, relation }: Change): Row | undefined =>
  old ?? (record && Object.fromEntries(relation.keys.map(({ name }) => [name, record[name]])));

/** A deleted row can no longer be checked against the policies, so under isolation only its key is told. */
const oldColumns = ({ type, relation }: Change, columns: Column[]): Column[] =>
  type === "DELETE" && relation.isIsolated ? columns.filter((column) => column.isKey) : columns;

function toObject(row: Row | undefined, columns: Column[], largest: number): Record<string, unknown> {
  const cells = columns.flatMap(({ name, type }) => {
    const text = row?.[name];
    return text === undefined || (text !== null && text.length > largest) ? [] : [[name, toJson(type, text)]];
  });
  return Object.fromEntries(cells);
}

/** JSON as to_jsonb would give it. A number that a double cannot hold stays text, so that no digit is lost on the way. */
function toJson(type: string, text: string | null): unknown {
  if (text === null) return null;
  switch (type) {
    case "bool":
      return text === "t";
    case "int2":
    case "int4":
    case "int8":
    case "oid":
    case "float4":
    case "float8":
    case "numeric":
      return String(Number(text)) === text ? Number(text) : text;
    case "json":
    case "jsonb":
      return JSON.parse(text);
    case "timestamp":
      return text.replace(" ", "T");
    case "timestamptz":
      return text.replace(" ", "T").replace(/([+-]\d\d)$/, "$1:00");
    default:
      return text;
  }
}

const sizeOf = ({ record, old }: Change): number =>
  [record, old].flatMap((row) => Object.values(row ?? {})).reduce((bytes, cell) => bytes + (cell?.length ?? 0), 0);
