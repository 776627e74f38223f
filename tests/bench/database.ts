import { createHash, randomBytes, randomUUID } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import postgres, { type Sql } from "postgres";
import { createDoorPool } from "../../lib/postgres/pool.ts";
import { applySchemas } from "../../scripts/apply-schemas.ts";
import { freePort } from "../../supabase/local/free-port.ts";
import { startStack } from "../../supabase/local/stack.ts";
import type { Stack } from "../../supabase/local/stack-types.ts";
import { loadPrices } from "../../supabase/seeds/prices.ts";

/** A stack of a benchmark's own, with schema and prices, in a temporary directory that `stop` removes. */
export type BenchDatabase = { stack: Stack; sql: Sql; door: Sql; stop(): Promise<void> };

export async function startBenchDatabase(connections: number): Promise<BenchDatabase> {
  const dataDir = await mkdtemp(join(tmpdir(), "tokentra-bench-"));
  const stack = await startStack({ dataDir, siteUrl: `http://127.0.0.1:${await freePort()}`, persistent: false });
  const sql = postgresPool(stack.databaseUrl, connections);
  const door = createDoorPool(stack.databaseUrl, { max: connections, statementTimeoutMs: 120_000 });
  const stop = async (): Promise<void> => {
    await Promise.all([sql.end({ timeout: 5 }), door.end({ timeout: 5 })]);
    await stack.stop();
    await rm(dataDir, { recursive: true, force: true });
  };
  try {
    await applySchemas(sql);
    await loadPrices(sql);
  } catch (error) {
    await stop();
    throw error;
  }
  return { stack, sql, door, stop };
}

/** As the door's pool (no delay by Nagle's algorithm), but with the rights of the role postgres. */
export function postgresPool(url: string, max: number): Sql {
  const settings = {
    max,
    onnotice: () => {},
    socket: ({ host, port }: { host: string[]; port: number[] }) => {
      const name = host[0] ?? "127.0.0.1";
      return Object.assign(connect({ host: name, port: port[0] ?? 5432, noDelay: true }), { host: name });
    },
  };
  return postgres(url, settings);
}

export type Tenant = { organizationId: string; key: string; keyHash: Buffer };

/** An organization with a key for every door, made without people: benchmarks ask as machines. */
export async function makeTenant(sql: Sql, name: string): Promise<Tenant> {
  const key = `tt_live_${randomBytes(32).toString("base64url")}`;
  const keyHash = createHash("sha256").update(key).digest();
  const [made] = await sql<{ id: string }[]>`
    insert into public.organizations (slug, name) values (${`bench-${randomUUID().slice(0, 13)}`}, ${name}) returning id`;
  await sql`
    with made as (
      insert into public.api_keys (organization_id, name, prefix, kind, scopes)
      values (${made!.id}, 'Benchmark', ${key.slice(0, 12)}, 'live', array['ingest', 'read', 'admin']) returning organization_id, id
    )
    insert into private.api_key_secrets (key_hash, organization_id, api_key_id) select ${keyHash}, organization_id, id from made`;
  return { organizationId: made!.id, key, keyHash };
}
