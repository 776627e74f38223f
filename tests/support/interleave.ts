import type { TransactionSql } from "postgres";
import type { TestStack } from "./stack.ts";

/**
 * Two transactions in a decided order: `first` has run but not committed when `second` starts; it commits once `second` waits for it, or has
 * finished without waiting. Resolves with the result of `second` and whether it had to wait.
 */
export async function interleave<T>(
  stack: TestStack,
  first: (tx: TransactionSql) => Promise<unknown>,
  second: () => Promise<T>,
): Promise<{ result: T; waited: boolean }> {
  let later: Promise<T> | undefined;
  let waited = false;
  await stack.sql.begin(async (tx) => {
    await first(tx);
    const [own] = await tx<{ pid: number }[]>`select pg_backend_pid() as pid`;
    let settled = false;
    later = second();
    const settle = () => {
      settled = true;
    };
    later.then(settle, settle);
    const deadline = Date.now() + 10_000;
    while (!settled && !waited) {
      if (Date.now() > deadline) throw new Error("The second transaction neither finished nor waited within 10 s.");
      const [row] = await stack.sql<{ waits: boolean }[]>`
        select exists (select from pg_stat_activity where ${own!.pid} = any (pg_blocking_pids(pid))) as waits`;
      waited = row!.waits;
    }
  });
  return { result: await later!, waited };
}
