/** Notes in the database that these keys were used just now. */
export type TouchKeys = (apiKeyIds: string[]) => Promise<unknown>;

/**
 * Passes on that a key was used, at most once a minute each, without making anyone wait. What cannot be noted is forgotten until the
 * key's next use, because nothing depends on it.
 */
export function createKeyUse(touch: TouchKeys, now: () => number): (apiKeyId: string) => void {
  const notedAt = new Map<string, number>();
  return (apiKeyId) => {
    if (now() - (notedAt.get(apiKeyId) ?? Number.NEGATIVE_INFINITY) < 60_000) return;
    if (notedAt.size >= 100_000) notedAt.clear();
    notedAt.set(apiKeyId, now());
    touch([apiKeyId]).catch(() => notedAt.delete(apiKeyId));
  };
}
