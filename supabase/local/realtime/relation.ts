// What must be known about a table to tell its changes: key, types, isolation, and which columns a role may see.
import type { Sql } from "postgres";

export type Column = { name: string; type: string; sqlType: string; isKey: boolean };

export type Relation = {
  schema: string;
  table: string;
  columns: Column[];
  /** Column → type, e.g. `int8`. */
  types: ReadonlyMap<string, string>;
  keys: Column[];
  isIsolated: boolean;
  /** Names of the columns the role may select. */
  columnsOf: (role: string) => Promise<ReadonlySet<string>>;
};

/**
 * Reads the catalogue once per announcement of the table in the stream: Postgres announces it again whenever its shape, key,
 * rights or row-level security change. The key comes from the primary key, since replica identity FULL marks every column.
 */
export async function describeRelation(sql: Sql, oid: number, schema: string, table: string): Promise<Relation> {
  const columns = await sql<Column[]>`
    select a.attname as name, t.typname as type, format_type(a.atttypid, a.atttypmod) as "sqlType",
      coalesce(a.attnum = any(i.indkey), false) as "isKey"
    from pg_attribute a
    join pg_type t on t.oid = a.atttypid
    left join pg_index i on i.indrelid = a.attrelid and i.indisprimary
    where a.attrelid = ${oid} and a.attnum > 0 and not a.attisdropped
    order by a.attnum`;
  const [security] = await sql<{ on: boolean }[]>`select relrowsecurity as on from pg_class where oid = ${oid}`;
  const known = new Map<string, Promise<ReadonlySet<string>>>();
  const readColumns = async (role: string) => {
    const rows = await sql<{ name: string }[]>`
      select attname as name from pg_attribute
      where attrelid = ${oid} and attnum > 0 and not attisdropped and has_column_privilege(${role}, attrelid, attnum, 'select')`;
    return new Set(rows.map((row) => row.name));
  };
  return {
    schema,
    table,
    columns: [...columns],
    types: new Map(columns.map((column) => [column.name, column.type])),
    keys: columns.filter((column) => column.isKey),
    isIsolated: security?.on ?? true,
    columnsOf(role) {
      const asked = known.get(role) ?? readColumns(role);
      known.set(role, asked);
      asked.catch(() => known.delete(role));
      return asked;
    },
  };
}
