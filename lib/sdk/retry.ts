const FIRST_PAUSE_MS = 250;
const LONGEST_PAUSE_MS = 30_000;
/** A server that asks for more than this is asked again all the same: memory is bounded, and so is what may be lost. */
const LONGEST_OBEYED_MS = 300_000;

/** Whether sending the same batch again can succeed. */
export const isTransient = (status: number): boolean => status === 408 || status === 425 || status === 429 || status >= 500;

/** Pause before the next attempt: what the server asked for, else growing with jitter. `failures` counts from 1; times in milliseconds. */
export function pauseBefore(failures: number, retryAfter: string | null, nowMs: number, random: () => number = Math.random): number {
  const asked = retryAfter === null ? undefined : parseRetryAfter(retryAfter, nowMs);
  const grown = Math.min(FIRST_PAUSE_MS * 2 ** Math.min(failures - 1, 20), LONGEST_PAUSE_MS);
  const jittered = grown * (0.5 + random() * 0.5);
  if (asked === undefined) return jittered;
  // Many clients are told the same time: spread them behind it.
  return Math.min(asked, LONGEST_OBEYED_MS) + random() * FIRST_PAUSE_MS;
}

/** Milliseconds to wait; undefined when the header says nothing usable. Seconds or an HTTP date. */
function parseRetryAfter(value: string, nowMs: number): number | undefined {
  const seconds = Number(value);
  if (value.trim() !== "" && Number.isFinite(seconds)) return Math.max(0, seconds * 1000);
  const date = Date.parse(value);
  return Number.isNaN(date) ? undefined : Math.max(0, date - nowMs);
}
