/**
 * Applies every file of supabase/schemas, in order, to a database: how a development or test database is made in one go.
 * A released database is moved by supabase/migrations instead; a test proves that both roads give the same catalogue.
 *
 *   node scripts/apply-schemas.ts "$DATABASE_URL"
 */
import { readdir, readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import postgres, { type Sql } from "postgres";

const folder = new URL("../supabase/schemas/", import.meta.url);

/** Names of the schema files in the order in which they apply. */
export async function schemaFiles(): Promise<string[]> {
  return (await readdir(folder)).filter((name) => /^\d\d_.*\.sql$/.test(name)).sort();
}

/** Runs each schema file in a transaction of its own; an error names the file. */
export async function applySchemas(sql: Sql): Promise<void> {
  for (const name of await schemaFiles()) {
    const text = await readFile(new URL(name, folder), "utf8");
    try {
      await sql.begin((tx) => tx.unsafe(text).simple());
    } catch (cause) {
      throw new Error(`supabase/schemas/${name}: ${cause instanceof Error ? cause.message : String(cause)}`, { cause });
    }
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const url = process.argv[2] ?? process.env.DATABASE_URL;
  if (!url) throw new Error("Give a Postgres URL as argument or in DATABASE_URL.");
  const sql = postgres(url, { max: 1, onnotice: () => {} });
  await applySchemas(sql);
  await sql.end();
}
