import type { IntrospectResult } from "@supabase/lite";

type Named = { schema?: string };

/** The numeric types that lite would push through `Number()` on the way in, silently losing digits. */
const exactTypes = new Set(["numeric", "decimal", "bigint", "int8", "bigserial"]);

/**
 * What lite may know about the database. Two corrections:
 * only exposed schemas, because lite finds relations by bare name and would give `public.users` the columns of `auth.users`;
 * and exact numbers are called text, because lite converts values of numeric columns with `Number()` (9007199254740993 → …992).
 * Identity columns keep their type: lite needs it to leave them out of inserts.
 */
export function correctIntrospection(found: IntrospectResult, exposed: ReadonlySet<string>): IntrospectResult {
  const visible = <T extends Named>(items: T[]): T[] => items.filter((item) => item.schema === undefined || exposed.has(item.schema));
  return {
    ...found,
    tables: visible(found.tables),
    columns: visible(found.columns).map((column) =>
      exactTypes.has(column.type) && !column.is_identity ? { ...column, type: "text", pg_type: "text" } : column,
    ),
    indexes: visible(found.indexes),
    foreign_keys: visible(found.foreign_keys),
    primary_keys: visible(found.primary_keys),
    views: visible(found.views),
    check_constraints: visible(found.check_constraints),
    unique_constraints: visible(found.unique_constraints),
    comments: visible(found.comments),
    functions: found.functions && visible(found.functions).map(takeJsonAsGiven),
    partitions: found.partitions && visible(found.partitions),
  };
}

type FunctionInfo = NonNullable<IntrospectResult["functions"]>[number];

/**
 * Under its usual name lite writes a JSON argument out itself, but not when it is a string: 7 and "7" arrive alike.
 * Under its full name it passes the value on, and the driver writes it.
 */
function takeJsonAsGiven(info: FunctionInfo): FunctionInfo {
  if (info.arg_names.length === 0) return info;
  return { ...info, arg_types: info.arg_types.map((type) => (type === "json" || type === "jsonb" ? `pg_catalog.${type}` : type)) };
}
