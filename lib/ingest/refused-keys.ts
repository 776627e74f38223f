const secondsKept = 5;
const mostKept = 10_000;

/**
 * Remembers for five seconds which keys the database did not know, so that a client that hammers with a dead key costs no
 * transaction each time. Good keys are never remembered: each call is authenticated in the transaction that stores it.
 */
export function createRefusedKeys(now: () => number) {
  const refusedUntil = new Map<string, number>();
  return {
    has(keyName: string): boolean {
      const until = refusedUntil.get(keyName);
      if (until === undefined) return false;
      if (until > now()) return true;
      refusedUntil.delete(keyName);
      return false;
    },
    add(keyName: string): void {
      if (refusedUntil.size >= mostKept) refusedUntil.clear();
      refusedUntil.set(keyName, now() + secondsKept * 1_000);
    },
  };
}
