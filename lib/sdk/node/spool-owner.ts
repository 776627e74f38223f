// Whose a file is, and whether its owner is gone. Machines and containers may share a directory, so that a process id says something
// only on its own host; for all others, and for ids that were given anew, a file that nobody touched for long is nobody's.
import { randomUUID } from "node:crypto";
import { hostname } from "node:os";

/** Owners touch their files every minute. */
const GONE_AFTER_MS = 600_000;
export const RELEASED = "left";

/** The owners of this process; another copy of this module may be loaded beside this one. */
export const ownersHere = sharedSet(Symbol.for("tokentra.spools"));

function sharedSet(key: symbol): Set<string> {
  const found: unknown = Reflect.get(globalThis, key);
  if (found instanceof Set) return found;
  const made = new Set<string>();
  Reflect.set(globalThis, key, made);
  return made;
}

const host = encodeURIComponent(hostname()).replaceAll(".", "%2E").slice(0, 80);
const startedAtMs = Date.now() - process.uptime() * 1000;

export const newOwner = (): string => `${host}.${process.pid}.${randomUUID().slice(0, 8)}`;
export const nameOfSegment = (owner: string, serial: number): string => `${owner}.${serial}.jsonl`;

export function isOrphan(name: string, modifiedMs: number, nowMs: number): boolean {
  const [first, ...rest] = name.split(".");
  if (first === RELEASED) return true;
  const [pid, id] = rest;
  if (ownersHere.has(`${first}.${pid}.${id}`)) return false;
  if (nowMs - modifiedMs > GONE_AFTER_MS) return true;
  if (first !== host) return false;
  // Our own id, but not ours: of a worker of this process, or of a process before us that had the same id.
  if (Number(pid) === process.pid) return modifiedMs < startedAtMs - 1_000;
  return !isRunning(Number(pid));
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}
