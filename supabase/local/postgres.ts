import { type ChildProcess, spawn } from "node:child_process";
import { chmodSync, closeSync, existsSync, mkdirSync, openSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { assertPortFree } from "./free-port.ts";
import { findBinaries, type PostgresBinaries } from "./postgres-binaries.ts";
import { initdbFlags, serverSettings } from "./postgres-flags.ts";
import { giveToPostgres, postgresAccount } from "./postgres-user.ts";
import { isReady, stopOrphan } from "./postmaster-pid.ts";

export type PostgresOptions = { dataDir: string; port: number; superuserPassword: string; onProgress: (line: string) => void };
export type Postgres = { port: number; fresh: boolean; stop(): Promise<void> };

const pause = (ms: number) => new Promise<void>((done) => setTimeout(done, ms));

/** Starts Postgres 17 on `<dataDir>/postgres`, creating the cluster at first use, and brings it back if it is killed. */
export async function startPostgres(options: PostgresOptions): Promise<Postgres> {
  const databaseDir = resolve(options.dataDir, "postgres");
  const logFile = join(options.dataDir, "postgres.log");
  const binaries = await findBinaries();
  if (await stopOrphan(databaseDir)) options.onProgress("stopped the Postgres of a killed run");

  // Only now: until a moment ago the port may have belonged to our own orphan.
  await assertPortFree(options.port, "Postgres", "TOKENTRA_DB_PORT");

  const fresh = !existsSync(join(databaseDir, "PG_VERSION"));
  if (fresh) await initialise(binaries, databaseDir, options.superuserPassword);

  let stopping = false;
  let child = await launch(binaries, databaseDir, logFile, options.port);

  const supervise = () =>
    child.once("exit", async (code, signal) => {
      if (stopping) return;
      options.onProgress(`Postgres ended unexpectedly (${signal ?? code}), starting it again`);
      // The backends of a killed postmaster need a moment to notice; until then the shared memory counts as in use.
      for (const deadline = Date.now() + 60_000; !stopping && Date.now() < deadline; ) {
        try {
          await stopOrphan(databaseDir);
          child = await launch(binaries, databaseDir, logFile, options.port);
          supervise();
          return;
        } catch {
          await pause(250);
        }
      }
      options.onProgress(`Postgres does not come back; its log is ${logFile}`);
    });
  supervise();

  return {
    port: options.port,
    fresh,
    async stop() {
      stopping = true;
      if (child.exitCode !== null || child.signalCode !== null) return;
      const ended = new Promise<void>((done) => child.once("exit", () => done()));
      child.kill("SIGINT");
      const hard = setTimeout(() => child.kill("SIGQUIT"), 15_000);
      await ended;
      clearTimeout(hard);
    },
  };
}

/** initdb with superuser `supabase_admin`, as on the hosted platform. A half-made cluster of an interrupted run is removed first. */
async function initialise(binaries: PostgresBinaries, databaseDir: string, password: string): Promise<void> {
  rmSync(databaseDir, { recursive: true, force: true });
  mkdirSync(databaseDir, { recursive: true, mode: 0o700 });
  giveToPostgres(databaseDir);
  const passwordFile = join(databaseDir, "..", "initdb.pw");
  writeFileSync(passwordFile, `${password}\n`, { mode: 0o600 });
  giveToPostgres(passwordFile);
  try {
    const account = postgresAccount([binaries.initdb, databaseDir, passwordFile].map((path) => join(path, "..")));
    const [command, args] = account.wrap(binaries.initdb, [
      `--pgdata=${databaseDir}`,
      "--username=supabase_admin",
      `--pwfile=${passwordFile}`,
      "--no-instructions",
      ...initdbFlags,
    ]);
    await run(command, args, account);
  } catch (error) {
    rmSync(databaseDir, { recursive: true, force: true });
    throw error;
  } finally {
    rmSync(passwordFile, { force: true });
  }
}

function run(command: string, args: string[], account: { uid?: number; gid?: number }): Promise<void> {
  return new Promise((done, fail) => {
    const child = spawn(command, args, { uid: account.uid, gid: account.gid, stdio: ["ignore", "ignore", "pipe"], env: cleanEnv() });
    let complaint = "";
    child.stderr.on("data", (chunk) => (complaint += chunk));
    child.once("error", fail);
    child.once("exit", (code) => (code === 0 ? done() : fail(new Error(`initdb failed: ${complaint.trim()}`))));
  });
}

async function launch(binaries: PostgresBinaries, databaseDir: string, logFile: string, port: number): Promise<ChildProcess> {
  for (const binary of [binaries.postgres, binaries.initdb]) makeExecutable(binary);
  const account = postgresAccount([binaries.postgres, databaseDir].map((path) => join(path, "..")));
  const flags = Object.entries(serverSettings(port)).flatMap(([name, value]) => ["-c", `${name}=${value}`]);
  const [command, args] = account.wrap(binaries.postgres, ["-D", databaseDir, ...flags]);
  const log = openSync(logFile, "w", 0o600);
  // Its own process group: Ctrl-C in a terminal reaches us alone, and we stop things in order.
  const child = spawn(command, args, { uid: account.uid, gid: account.gid, stdio: ["ignore", log, log], detached: true, env: cleanEnv() });
  closeSync(log);
  await untilReady(child, databaseDir, logFile);
  return child;
}

async function untilReady(child: ChildProcess, databaseDir: string, logFile: string): Promise<void> {
  let failure: string | null = null;
  child.once("error", (error) => (failure = error.message));
  child.once("exit", (code, signal) => (failure = `exit ${signal ?? code}`));
  for (const deadline = Date.now() + 120_000; !isReady(databaseDir); await pause(10)) {
    const tail = () => readFileSync(logFile, "utf8").trim().split("\n").slice(-5).join("\n");
    if (failure !== null) throw new Error(`Postgres did not start (${failure}):\n${tail()}`);
    if (Date.now() > deadline) {
      child.kill("SIGQUIT");
      throw new Error(`Postgres was not ready within two minutes:\n${tail()}`);
    }
  }
}

/** Package managers that skip install scripts leave the binaries without their executable bit. */
function makeExecutable(path: string): void {
  try {
    chmodSync(path, 0o755);
  } catch {
    // A read-only install: the bit is either there or the spawn says so.
  }
}

/** No PG* variable of the caller's shell may steer this server. */
function cleanEnv(): NodeJS.ProcessEnv {
  return { NODE_ENV: process.env.NODE_ENV, PATH: process.env.PATH, HOME: "/tmp", LC_ALL: "C", TZ: "UTC" };
}
