import { readFileSync } from "node:fs";

/**
 * A process id with the moment it started. The number alone is not an identity: after a reboot or in a new container
 * the same id belongs to somebody else, and killing by a number from a file would hit a stranger.
 */
export type ProcessIdentity = { pid: number; startedAt: string | null };

/** Clock ticks since boot at which `pid` started, from /proc; null where there is no /proc. */
function startedAt(pid: number): string | null {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    // The command name (field 2) may hold spaces and parentheses: count from the last one.
    return stat.slice(stat.lastIndexOf(")") + 2).split(" ")[19] ?? null;
  } catch {
    return null;
  }
}

/** True when a process with this number exists, whoever it belongs to. */
export function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    return stat.slice(stat.lastIndexOf(")") + 2, stat.lastIndexOf(")") + 3) !== "Z";
  } catch {
    return process.platform !== "linux";
  }
}

/** What to write down about a process so that it can be recognised later. */
export function identify(pid: number): ProcessIdentity {
  return { pid, startedAt: startedAt(pid) };
}

/** True when exactly this process still runs. */
export function isSameProcess(known: ProcessIdentity): boolean {
  return isRunning(known.pid) && (known.startedAt === null || startedAt(known.pid) === known.startedAt);
}

/** Waits until `pid` is gone; false when it is still there after `timeoutMs`. */
export async function waitForExit(pid: number, timeoutMs: number): Promise<boolean> {
  const deadline = Date.now() + timeoutMs;
  while (isRunning(pid)) {
    if (Date.now() > deadline) return false;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  return true;
}
