/**
 * Changes of the price list that wait for a person, for whoever runs the installation:
 *
 *   node supabase/seeds/held-prices.ts "$DATABASE_URL"                 lists them with what they would change
 *   node supabase/seeds/held-prices.ts "$DATABASE_URL" approve 7 name  lets one go live
 *   node supabase/seeds/held-prices.ts "$DATABASE_URL" reject 7 name   drops one
 */
import { fileURLToPath } from "node:url";
import postgres, { type Sql } from "postgres";

interface HeldChange {
  reason: "moved" | "dropped";
  unit: string;
  service_tier: string;
  region: string;
  was: string;
  becomes?: string;
}

interface HeldPrice {
  id: string;
  platform: string;
  model: string;
  held_at: Date;
  source: string;
  diff: HeldChange[];
}

/** What waits, oldest first. */
export async function heldPrices(sql: Sql): Promise<HeldPrice[]> {
  return sql<HeldPrice[]>`
    select id, platform, model, held_at, source, diff from private.price_quarantine where decided_at is null order by held_at, platform, model`;
}

/** Lets a held change go live, or drops it; throws when it waits for no decision. */
export async function decideHeldPrice(sql: Sql, id: string, isApproved: boolean, decidedBy: string): Promise<void> {
  await sql`select private.decide_price_quarantine(${id}, ${isApproved}, ${decidedBy})`;
}

/** One line per change: `7  openai gpt-4o  input_tokens 0.0000025 → 0.000004`. */
export function describeHeld({ id, platform, model, diff }: HeldPrice): string[] {
  return diff.map(({ reason, unit, service_tier, region, was, becomes }) => {
    const where = [unit, service_tier === "standard" ? "" : service_tier, region].filter(Boolean).join(" ");
    return `${id}\t${platform} ${model}\t${where}\t${was} → ${reason === "dropped" ? "dropped" : becomes}`;
  });
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const [url, verb, id, who] = process.argv.slice(2);
  if (!url) throw new Error("Give a Postgres URL as argument.");
  const sql = postgres(url, { max: 1, onnotice: () => {} });
  if (verb === "approve" || verb === "reject") {
    if (!id || !who) throw new Error(`Say which one and who decides: ${verb} <id> <name>.`);
    await decideHeldPrice(sql, id, verb === "approve", who);
  }
  for (const held of await heldPrices(sql)) process.stdout.write(`${describeHeld(held).join("\n")}\n`);
  await sql.end();
}
