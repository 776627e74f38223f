import { mkdirSync, rmSync } from "node:fs";
import { resolve } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import postgres from "postgres";
import { bootstrap } from "./bootstrap.ts";
import { ChildRegistry } from "./child-registry.ts";
import { startCron } from "./cron.ts";
import { assertPortFree, freePort } from "./free-port.ts";
import { functionEnvironment } from "./function-environment.ts";
import { createFunctions } from "./functions.ts";
import { applyMigrations } from "./migrate.ts";
import { startNet } from "./net.ts";
import { openApi } from "./open-api.ts";
import { startPostgres } from "./postgres.ts";
import { findBinaries, installExtensionShims } from "./postgres-binaries.ts";
import { projectRoot, readProjectConfig } from "./project-config.ts";
import { loadSecrets } from "./secrets.ts";
import { lockDataDir } from "./stack-lock.ts";
import type { Stack, StackOptions } from "./stack-types.ts";

export type { Stack, StackOptions } from "./stack-types.ts";

/** A part that does not stop in this time is left behind: the data is safe, and Postgres must be stopped in any case. */
const stopLimitMs = 20_000;

async function within(limitMs: number, step: () => Promise<void> | void, log: (line: string) => void): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<void>((done) => {
    timer = setTimeout(() => {
      log(`a part of the stack did not stop within ${limitMs} ms`);
      done();
    }, limitMs);
  });
  await Promise.race([Promise.resolve(step()).catch((error: unknown) => log(String(error))), late]);
  clearTimeout(timer);
}

/** Starts the whole local stack in this process; see README.md in this folder. */
export async function startStack(options: StackOptions): Promise<Stack> {
  const began = performance.now();
  const timings: Record<string, number> = {};
  const mark = (stage: string) => {
    timings[stage] = Math.round(performance.now() - began);
  };
  const progress = options.onProgress ?? (() => {});
  const dataDir = resolve(options.dataDir);
  const root = options.projectDir ? pathToFileURL(`${resolve(options.projectDir)}/`) : projectRoot;
  const undo: (() => Promise<void> | void)[] = [];
  const stop = async () => {
    for (const step of undo.splice(0).reverse()) await within(stopLimitMs, step, progress);
  };

  try {
    mkdirSync(dataDir, { recursive: true });
    if (options.persistent === false) undo.push(() => rmSync(dataDir, { recursive: true, force: true }));
    undo.push(lockDataDir(dataDir));
    const secrets = await loadSecrets(dataDir);
    const binaries = await findBinaries();
    await installExtensionShims(binaries.extensionDir, fileURLToPath(new URL("./sql/extensions", import.meta.url)));

    const dbPort = options.dbPort || (await freePort());
    const port = options.port || (await freePort());
    await assertPortFree(port, "local Supabase", "TOKENTRA_STACK_PORT");
    const database = await startPostgres({
      dataDir,
      port: dbPort,
      superuserPassword: secrets.passwords.supabase_admin,
      onProgress: progress,
    });
    undo.push(() => database.stop());
    mark("postgres");

    const loginUrl = (role: keyof typeof secrets.passwords) => `postgres://${role}:${secrets.passwords[role]}@127.0.0.1:${dbPort}/postgres`;
    const adminUrl = loginUrl("supabase_admin");
    const sql = postgres(adminUrl, { max: 6, onnotice: () => {} });
    undo.push(() => sql.end({ timeout: 2 }));
    await bootstrap(sql, adminUrl, secrets);
    mark("bootstrap");

    const databaseUrl = loginUrl("postgres");
    if (options.migrate) {
      await applyMigrations(databaseUrl, progress, fileURLToPath(root));
      mark("migrations");
    }

    const supabaseUrl = `http://127.0.0.1:${port}`;
    const config = await readProjectConfig(root);
    const functions = createFunctions({
      config: config.functions,
      env: functionEnvironment(supabaseUrl, databaseUrl, secrets, options.functionsEnv),
      children: new ChildRegistry(dataDir),
      onProgress: progress,
      directory: options.functionsDir ?? fileURLToPath(new URL("supabase/functions/", root)),
    });
    undo.push(() => functions.close());
    const closeApi = await openApi({
      sql,
      port,
      supabaseUrl,
      siteUrl: options.siteUrl.replace(/\/$/, ""),
      liteUrl: loginUrl("supabase_lite"),
      adminUrl,
      secrets,
      config,
      root,
      thirdPartyIssuers: options.thirdPartyIssuers ?? {},
      functions,
      log: progress,
    });
    undo.push(closeApi);
    const workers = await Promise.all([startCron(sql, databaseUrl, progress), startNet(sql, progress)]);
    undo.push(async () => {
      await Promise.all(workers.map((worker) => worker.close()));
    });
    mark("ready");
    return {
      supabaseUrl,
      publishableKey: secrets.publishableKey,
      secretKey: secrets.secretKey,
      databaseUrl,
      adminUrl,
      mailboxUrl: `${supabaseUrl}/mailbox`,
      jwksUrl: `${supabaseUrl}/auth/v1/.well-known/jwks.json`,
      timings,
      stop,
    };
  } catch (error) {
    await stop();
    throw error;
  }
}
