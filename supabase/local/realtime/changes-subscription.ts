// What a client asked to hear about row changes.
import type { Sql } from "postgres";
import { type Condition, parseFilter } from "./changes-filter.ts";
import { isRecord } from "./protocol.ts";

export type ChangeType = "INSERT" | "UPDATE" | "DELETE";

/** As the client sent it; the join reply must repeat these fields or the client takes it for a mismatch. */
type Binding = { event: string; schema: string; table?: string; filter?: string; select?: string[] };

export type Subscription = { id: number; binding: Binding; conditions: Condition[] };

let lastId = 0;

/** Reads the bindings of a join. A malformed one is an Error whose message is meant for the client. */
export function parseSubscriptions(value: unknown): Subscription[] {
  if (!Array.isArray(value)) return [];
  return value.filter(isRecord).map((raw) => {
    const { event, schema, table, filter, select } = raw;
    if (typeof event !== "string" || typeof schema !== "string") throw new Error("postgres_changes needs an event and a schema");
    const binding: Binding = {
      event,
      schema,
      ...(typeof table === "string" && { table }),
      ...(typeof filter === "string" && { filter }),
      ...(Array.isArray(select) && { select: select.filter((column) => typeof column === "string") }),
    };
    lastId = (lastId + 1) % 2 ** 31;
    return { id: lastId, binding, conditions: parseFilter(binding.filter) };
  });
}

export function isAbout({ binding }: Subscription, type: ChangeType, schema: string, table: string): boolean {
  const isWanted = (wanted: string | undefined, actual: string) => wanted === undefined || wanted === "*" || wanted === actual;
  return isWanted(binding.event.toUpperCase(), type) && isWanted(binding.schema, schema) && isWanted(binding.table, table);
}

/** Why these subscriptions can never deliver anything to this role, worded as the hosted service words it; undefined if they can. */
export async function findObstacle(sql: Sql, role: string, subscriptions: Subscription[]): Promise<string | undefined> {
  for (const { binding, conditions } of subscriptions) {
    const { event, schema, table, filter } = binding;
    if (schema === "*" || table === undefined || table === "*") continue;
    const [found] = await sql<{ is_published: boolean; columns: string[] }[]>`
      select
        exists (select from pg_publication_tables p
          where p.pubname = 'supabase_realtime' and p.schemaname = ${schema} and p.tablename = ${table}) as is_published,
        array(select a.attname::text from pg_attribute a
          where a.attrelid = to_regclass(format('%I.%I', ${schema}::text, ${table}::text)) and a.attnum > 0 and not a.attisdropped
            and has_column_privilege(${role}, a.attrelid, a.attnum, 'select')) as columns`;
    if (!found?.is_published) {
      return `Unable to subscribe to changes with given parameters. Please check Realtime is enabled for the given connect parameters: [event: ${event}, schema: ${schema}, table: ${table}, filters: [${filter ?? ""}]]`;
    }
    const unknown = conditions.find((condition) => !found.columns.includes(condition.column));
    if (unknown) return `Unable to subscribe to changes with given parameters. invalid column for filter ${unknown.column}`;
  }
  return undefined;
}
