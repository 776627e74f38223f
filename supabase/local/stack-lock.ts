import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { identify, isSameProcess, type ProcessIdentity } from "./process-identity.ts";

/**
 * One stack per data directory. A leftover lock of a killed process is taken over; a living owner is an error that says so,
 * because the recovery of a killed run (stopping its Postgres) must never hit a run that is alive.
 */
export function lockDataDir(dataDir: string): () => void {
  const file = join(dataDir, "stack.lock");
  try {
    const owner = JSON.parse(readFileSync(file, "utf8")) as ProcessIdentity;
    if (owner.pid !== process.pid && isSameProcess(owner)) {
      throw new Error(
        `A local stack is already running on ${dataDir} (process ${owner.pid}). Stop it or choose another TOKENTRA_DATA_DIR.`,
      );
    }
  } catch (error) {
    const unreadable = (error as NodeJS.ErrnoException).code === "ENOENT" || error instanceof SyntaxError;
    if (!unreadable) throw error;
  }
  writeFileSync(file, JSON.stringify(identify(process.pid)));
  return () => rmSync(file, { force: true });
}
