import { readFile } from "node:fs/promises";
import { App } from "@supabase/lite";
import { PostgresConnection } from "@supabase/lite/postgres";
import type { Sql } from "postgres";
import type { Secrets } from "./secrets.ts";

const sqlDir = new URL("./sql/", import.meta.url);
const readSql = (name: string) => readFile(new URL(name, sqlDir), "utf8");

/** Brings a cluster to the layout of a hosted project before its first migration. Idempotent; run at every start. */
export async function bootstrap(sql: Sql, adminUrl: string, secrets: Secrets): Promise<void> {
  await sql.unsafe(await readSql("roles.sql"));
  // Generated hex, hence safe to write into the statement; `alter role` takes no parameters.
  await sql.unsafe(
    `alter role postgres password '${secrets.passwords.postgres}'; alter role supabase_lite password '${secrets.passwords.supabase_lite}'`,
  );
  await sql.unsafe(await readSql("settings.sql"));
  await sql`insert into supabase_local.settings values ('vault_key', ${secrets.vaultKey}) on conflict (name) do update set value = excluded.value`;
  await createAuthTables(adminUrl, secrets.jwtSecret);
  const [made] = await sql`select to_regclass('auth.users') is not null and to_regclass('auth.audit_log_entries') is not null as all`;
  if (!made?.all) throw new Error("The Auth tables could not be created.");
  for (const file of ["auth.sql", "realtime.sql", "api.sql"]) await sql.unsafe(await readSql(file));
}

/** lite ships the Auth tables. It swallows every error while making them, hence the look afterwards. */
async function createAuthTables(adminUrl: string, jwtSecret: string): Promise<void> {
  const connection = new PostgresConnection({ url: adminUrl, postgresOptions: { max: 1, onnotice: () => {} } });
  try {
    await new App({ connection, auth: { enabled: true, jwt_secret: jwtSecret } }).ensureSystemSchema();
  } finally {
    await connection.close();
  }
}
