/**
 * Loads the price list into a database: `node supabase/seeds/prices.ts "$DATABASE_URL"`. Running it again changes nothing.
 */
import { fileURLToPath } from "node:url";
import postgres, { type Sql } from "postgres";
import { catalogueSource } from "../../lib/pricing/catalogue.ts";
import { priceBook } from "./price-book.ts";

/** What an import did: rows in force, models held for review because a price moved too far, names in force. */
export interface LoadedPrices {
  rates_live: number;
  models_held: number;
  aliases_live: number;
}

/** Imports the bundled price list. `sql` connects as the role that owns the schema. */
export async function loadPrices(sql: Sql): Promise<LoadedPrices> {
  const book = JSON.stringify(await priceBook());
  const [row] = await sql<LoadedPrices[]>`select * from private.import_price_catalogue(${book}::text::jsonb, ${catalogueSource})`;
  return row!;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const url = process.argv[2] ?? process.env.DATABASE_URL;
  if (!url) throw new Error("Give a Postgres URL as argument or in DATABASE_URL.");
  const sql = postgres(url, { max: 1, onnotice: () => {} });
  const loaded = await loadPrices(sql);
  process.stdout.write(`${JSON.stringify(loaded)}\n`);
  await sql.end();
}
