/**
 * Gathers which keys were used and notes it in the database now and then, after the requests were answered: at most once a minute per key,
 * in one statement for all of them. What cannot be noted is forgotten, because nothing depends on it.
 */
export function createKeyUse(touch: (apiKeyIds: string[]) => Promise<void>, now: () => number) {
  const notedAt = new Map<string, number>();
  let waiting = new Set<string>();

  async function flush(): Promise<void> {
    if (waiting.size === 0) return;
    const apiKeyIds = [...waiting];
    waiting = new Set();
    await touch(apiKeyIds).catch(() => {
      for (const apiKeyId of apiKeyIds) notedAt.delete(apiKeyId);
    });
  }
  const timer = setInterval(() => void flush(), 1_000);
  timer.unref();

  return {
    note(apiKeyId: string): void {
      if (now() - (notedAt.get(apiKeyId) ?? Number.NEGATIVE_INFINITY) < 60_000) return;
      if (notedAt.size >= 100_000) notedAt.clear();
      notedAt.set(apiKeyId, now());
      waiting.add(apiKeyId);
    },
    async close(): Promise<void> {
      clearInterval(timer);
      await flush();
    },
  };
}
