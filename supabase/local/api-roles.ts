import type { Sql } from "postgres";

/** Settings of the roles a request may take, as `alter role … set` left them: `{ anon: { statement_timeout: "3s" } }`. */
export type ApiRoles = ReadonlyMap<string, Readonly<Record<string, string>>>;

/** The roles that `authenticator` may become, i.e. those a token can name, with their own settings. */
export async function readApiRoles(sql: Sql): Promise<ApiRoles> {
  const rows = await sql<{ name: string; settings: string[] | null }[]>`
    select r.rolname as name, s.setconfig as settings
      from pg_catalog.pg_roles r
      left join pg_catalog.pg_db_role_setting s on s.setrole = r.oid and s.setdatabase = 0
     where r.rolname <> 'authenticator' and pg_catalog.pg_has_role('authenticator', r.oid, 'member')`;
  return new Map(rows.map((row) => [row.name, Object.fromEntries((row.settings ?? []).map(splitSetting))]));
}

function splitSetting(setting: string): [string, string] {
  const at = setting.indexOf("=");
  return [setting.slice(0, at), setting.slice(at + 1)];
}

/** PostgREST's in-database configuration, `alter role authenticator set pgrst.db_aggregates_enabled = …`; off unless asked for. */
export async function readAggregatesEnabled(sql: Sql): Promise<boolean> {
  const rows = await sql`
    select 1 from pg_catalog.pg_db_role_setting
     where setrole = 'authenticator'::regrole and 'pgrst.db_aggregates_enabled=true' = any(setconfig)`;
  return rows.length > 0;
}
