/** What a caller is told about the limit: requests left, and seconds until all are back. */
export type Allowance = { allowed: boolean; limit: number; remaining: number; resetSeconds: number; windowSeconds: number };

/**
 * Counts what a credential does. `caller` is the whole hash of the credential. It may answer later, so that processes can share one
 * count in the database; the one below counts for its own process alone.
 */
export type RateLimit = { take(caller: string): Allowance | Promise<Allowance> };

const mostCallers = 20_000;

/** A fixed window per caller, in this process: behind several processes a caller gets the limit of each. `now` in milliseconds. */
export function createRateLimit(limit: number, windowSeconds: number, now: () => number): RateLimit {
  const windows = new Map<string, { endsAt: number; taken: number }>();
  return {
    take(caller) {
      const at = now();
      let window = windows.get(caller);
      if (window === undefined || window.endsAt <= at) {
        windows.delete(caller);
        // The oldest windows come first: whoever floods us with invented keys makes room with them.
        for (const oldest of windows.keys()) {
          if (windows.size < mostCallers) break;
          windows.delete(oldest);
        }
        window = { endsAt: at + windowSeconds * 1000, taken: 0 };
        windows.set(caller, window);
      }
      window.taken += 1;
      const resetSeconds = Math.max(1, Math.ceil((window.endsAt - at) / 1000));
      return { allowed: window.taken <= limit, limit, remaining: Math.max(0, limit - window.taken), resetSeconds, windowSeconds };
    },
  };
}

/** `RateLimit` and `RateLimit-Policy` as in draft-ietf-httpapi-ratelimit-headers. */
export function rateLimitHeaders(allowance: Allowance): [name: string, value: string][] {
  return [
    ["ratelimit-policy", `"default";q=${allowance.limit};w=${allowance.windowSeconds}`],
    ["ratelimit", `"default";r=${allowance.remaining};t=${allowance.resetSeconds}`],
  ];
}
