import { randomUUID } from "node:crypto";
import type { Sql, TransactionSql } from "postgres";

/** A vendor of its own for one test: nobody else's prices, names or cards. */
export interface Market {
  provider: string;
  model: string;
}

/** Opens a vendor with one model, priced per token. Rates are decimal strings by unit. */
export async function openMarket(sql: Sql | TransactionSql, rates: Record<string, string> = {}): Promise<Market> {
  const provider = `vendor-${randomUUID()}`;
  const model = "model-1";
  await sql`insert into private.provider_aliases (alias, platform, source) values (${provider}, ${provider}, 'test')`;
  await sql`insert into private.model_aliases (platform, position, name, model, is_exact, source) values (${provider}, 1, ${model}, ${model}, true, 'test')`;
  for (const [unit, rate] of Object.entries(rates)) await putRate(sql, { provider, model }, unit, rate);
  return { provider, model };
}

/** Says what a unit costs during `valid`; returns the row that now says so. */
export async function putRate(
  sql: Sql | TransactionSql,
  market: Market,
  unit: string,
  rate: string,
  {
    valid = null,
    context = null,
    tier = "standard",
    week = null,
    zone = "UTC",
  }: { valid?: string | null; context?: string | null; tier?: string; week?: string | null; zone?: string } = {},
): Promise<string> {
  const [row] = await sql<{ id: string }[]>`
    select private.put_price_rate(${market.provider}, ${market.model}, ${unit}, ${rate}, ${valid}::tstzrange, ${tier},
      p_context_tokens => ${context}::int8range, p_week_seconds => ${week}::int4multirange, p_time_zone => ${zone}, p_source => 'test') as id`;
  return row!.id;
}

/** The database's clock, as text that loses nothing. */
export async function clock(sql: Sql | TransactionSql): Promise<string> {
  const [row] = await sql<{ now: string }[]>`select clock_timestamp()::text as now`;
  return row!.now;
}
