/** `npm run up`: the whole product on this machine, on realistic demo data, until Ctrl-C. `-- --json` answers one JSON line when ready. */
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import postgres from "postgres";
import { assertPortFree } from "../supabase/local/free-port.ts";
import { applyMigrations } from "../supabase/local/migrate.ts";
import { type DemoAccess, loadDemo } from "../supabase/seeds/demo/load.ts";
import { startTrickle } from "../supabase/seeds/demo/trickle.ts";
import { loadPrices } from "../supabase/seeds/prices.ts";
import { type Backend, serverEnvironment, startBackend } from "./backend.ts";
import { buildPages } from "./build.ts";
import { places as readPlaces } from "./places.ts";
import { progress } from "./progress.ts";
import { startServer } from "./server.ts";
import { Shutdown } from "./shutdown.ts";
import { welcome } from "./welcome.ts";

const flags = new Set(process.argv.slice(2));
const isDevelopment = flags.has("--dev");
const places = readPlaces();
const shutdown = new Shutdown();

async function up(): Promise<void> {
  await assertPortFree(places.port, "the product", "PORT");
  const building = isDevelopment ? Promise.resolve(false) : buildPages();
  building.catch(() => {});
  if (!isDevelopment) progress("Building the pages meanwhile …");
  const backend = await startBackend(places);
  shutdown.add(backend.stop);
  await applyMigrations(backend.databaseUrl, progress);
  const sql = postgres(backend.databaseUrl, { max: 2, onnotice: () => {} });
  shutdown.add(() => sql.end({ timeout: 5 }));
  progress("Loading the price list …");
  await loadPrices(sql);
  if (await building) progress("Pages built");
  const server = await startServer(serverEnvironment(places, backend), isDevelopment ? ["--dev"] : [], join(places.dataDir, "server.log"));
  shutdown.add(() => server.stop());
  progress(`Server ready; its log is ${join(places.dataDir, "server.log")}`);
  const demo = flags.has("--no-demo") ? null : await demoOrganization(backend, sql);
  if (demo) shutdown.add(startTrickle(places.siteUrl, demo.api_key));
  process.stdout.write(flags.has("--json") ? `${JSON.stringify(answer(backend, demo))}\n` : welcome(places.siteUrl, backend, demo));
  void Promise.race([backend.ended, server.ended]).then(async () => {
    if (shutdown.isStopping) return;
    progress("A part of the product ended by itself; stopping the rest.");
    await shutdown.stopAll();
    process.exit(1);
  });
}

async function demoOrganization(backend: Backend, sql: postgres.Sql): Promise<DemoAccess> {
  const file = join(places.dataDir, "demo.json");
  const known = await readFile(file, "utf8").then(
    (text) => JSON.parse(text) as DemoAccess,
    () => null,
  );
  progress("Loading the demo organization through the ingestion door …");
  const demo = await loadDemo({ ...backend, sql, productUrl: `http://127.0.0.1:${places.port}`, known, onProgress: progress });
  await writeFile(file, `${JSON.stringify(demo, null, 2)}\n`, { mode: 0o600 });
  return demo;
}

function answer(backend: Backend, demo: DemoAccess | null): Record<string, unknown> {
  return {
    url: places.siteUrl,
    supabase_url: backend.supabaseUrl,
    publishable_key: backend.publishableKey,
    secret_key: backend.secretKey,
    database_url: backend.databaseUrl,
    mailbox_url: backend.mailboxUrl,
    demo,
  };
}

await up().catch(async (error: unknown) => {
  if (!shutdown.isStopping) progress(error instanceof Error ? error.message : String(error));
  await shutdown.stopAll();
  process.exit(1);
});
