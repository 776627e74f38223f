import { type DehydratedState, dehydrate } from "@tanstack/react-query";
import { makeQueryClient } from "../supabase/query-client.ts";
import type { UsageDb, UsageQuery } from "./queries.ts";

/**
 * Asks a page's questions side by side on the server, so that it arrives with its data. One that fails is left out: its part of the
 * page asks again from the browser and shows what is wrong with a way to retry.
 */
export async function prefetchUsage(db: UsageDb, queries: readonly (UsageQuery<unknown> | null)[]): Promise<DehydratedState> {
  const client = makeQueryClient();
  await Promise.all(
    queries.map((query) => query && client.prefetchQuery({ queryKey: query.key, queryFn: () => query.run(db), retry: false })),
  );
  return dehydrate(client);
}
