/** Resolves when the dependency answers; rejects, or never resolves, when it does not. */
export type DependencyCheck = (signal: AbortSignal) => Promise<void>;

export type DependencyState = { status: "ok" | "down"; latency_ms: number };

const patienceMs = 2_000;
const freshForMs = 1_000;

async function runCheck(check: DependencyCheck): Promise<DependencyState> {
  const startedAt = performance.now();
  const signal = AbortSignal.timeout(patienceMs);
  const gaveUp = new Promise<never>((_resolve, reject) => signal.addEventListener("abort", () => reject(signal.reason)));
  const status = await Promise.race([check(signal), gaveUp]).then(
    () => "ok" as const,
    () => "down" as const,
  );
  return { status, latency_ms: Math.round((performance.now() - startedAt) * 10) / 10 };
}

/** Runs all checks at once, at most once a second however often it is asked: anyone may ask, so asking must cost little. */
export function createChecker(checks: Record<string, DependencyCheck>) {
  let last: { at: number; states: Promise<Record<string, DependencyState>> } | undefined;
  return (): Promise<Record<string, DependencyState>> => {
    if (last === undefined || performance.now() - last.at > freshForMs) {
      const states = Promise.all(Object.entries(checks).map(async ([name, check]) => [name, await runCheck(check)] as const)).then(
        Object.fromEntries,
      );
      last = { at: performance.now(), states };
    }
    return last.states;
  };
}
