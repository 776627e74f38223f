import { readFileSync, rmSync } from "node:fs";
import { join, resolve } from "node:path";
import { isRunning, waitForExit } from "./process-identity.ts";

/** The process id in `postmaster.pid`, or null. */
function recordedPid(databaseDir: string): number | null {
  try {
    const pid = Number(readFileSync(join(databaseDir, "postmaster.pid"), "utf8").split("\n")[0]);
    return Number.isInteger(pid) && pid > 0 ? pid : null;
  } catch {
    return null;
  }
}

/** True once Postgres has written `ready` into line 8 of its pid file: the same sign pg_ctl waits for. */
export function isReady(databaseDir: string): boolean {
  try {
    return readFileSync(join(databaseDir, "postmaster.pid"), "utf8").split("\n")[7]?.trim() === "ready";
  } catch {
    return false;
  }
}

function servesDirectory(pid: number, databaseDir: string): boolean {
  if (!isRunning(pid)) return false;
  try {
    return readFileSync(`/proc/${pid}/cmdline`, "utf8").split("\0").includes(resolve(databaseDir));
  } catch {
    return process.platform !== "linux";
  }
}

/**
 * After kill -9 of the stack its Postgres keeps running and the next start would fail. Stops that one orphan, recognised
 * by its own data directory on its command line, and clears a pid file whose process is gone.
 */
export async function stopOrphan(databaseDir: string): Promise<boolean> {
  const pid = recordedPid(databaseDir);
  if (pid === null) return false;
  if (!servesDirectory(pid, databaseDir)) {
    rmSync(join(databaseDir, "postmaster.pid"), { force: true });
    return false;
  }
  process.kill(pid, "SIGINT");
  if (await waitForExit(pid, 15_000)) return true;
  process.kill(pid, "SIGQUIT");
  if (await waitForExit(pid, 10_000)) return true;
  throw new Error(`A previous Postgres (process ${pid}) on ${databaseDir} does not stop.`);
}
