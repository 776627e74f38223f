import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import postgres from "postgres";
import type { TestProject } from "vitest/node";
import { freePort } from "../../supabase/local/free-port.ts";
import { applyMigrations } from "../../supabase/local/migrate.ts";
import { startStack } from "../../supabase/local/stack.ts";
import { loadPrices } from "../../supabase/seeds/prices.ts";
import type { StackAddresses } from "./stack.ts";

/** One stack serves every project of a run; a run against another stack names it in TOKENTRA_TEST_STACK (JSON of StackAddresses). */
interface Running {
  addresses: StackAddresses;
  stop(): Promise<void>;
}
const shared = globalThis as { tokentraTestStack?: { running: Promise<Running>; users: number } };

async function start(): Promise<Running> {
  const given = process.env.TOKENTRA_TEST_STACK;
  if (given) return { addresses: JSON.parse(given) as StackAddresses, stop: async () => {} };
  const dataDir = await mkdtemp(join(tmpdir(), "tokentra-test-"));
  // Mails link to the product, so its address is settled before the stack starts; tests/support/product.ts listens there.
  const siteUrl = `http://127.0.0.1:${await freePort()}`;
  const stack = await startStack({ dataDir, siteUrl, persistent: false });
  await applyMigrations(stack.databaseUrl, () => {});
  const sql = postgres(stack.databaseUrl, { max: 1, onnotice: () => {} });
  await loadPrices(sql);
  await sql.end();
  const { stop, timings: _, ...addresses } = stack;
  return {
    addresses: { ...addresses, siteUrl },
    stop: async () => {
      await stop();
      await rm(dataDir, { recursive: true, force: true });
    },
  };
}

export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  shared.tokentraTestStack ??= { running: start(), users: 0 };
  const own = shared.tokentraTestStack;
  own.users += 1;
  const running = await own.running;
  project.provide("stack", running.addresses);
  return async () => {
    own.users -= 1;
    if (own.users > 0) return;
    shared.tokentraTestStack = undefined;
    await running.stop();
  };
}
