"use client";
import { useInfiniteQuery } from "@tanstack/react-query";
import { useState } from "react";
import { useDb } from "@/lib/supabase/browser.ts";
import { useUsage } from "@/lib/usage/hooks.ts";
import { type RequestsArgs, type RequestsCursor, requestsQuery } from "@/lib/usage/queries.ts";
import type { RequestRow } from "@/lib/usage/rows.ts";

type Snapshot = { key: string; rows: readonly RequestRow[] };

/**
 * A list that holds still. The newest page is asked live, but what is on screen is the snapshot taken when the list was opened (or
 * when "new requests" was pressed), with older pages below it by keyset.
 */
export function useRequestList(args: RequestsArgs) {
  const db = useDb();
  const head = useUsage(requestsQuery(args));
  const key = JSON.stringify(args);
  const [snapshot, setSnapshot] = useState<Snapshot | null>(head.data && !head.isPlaceholderData ? { key, rows: head.data } : null);
  if (head.data && !head.isPlaceholderData && snapshot?.key !== key) setSnapshot({ key, rows: head.data });

  const last = snapshot?.rows.at(-1);
  const start: RequestsCursor = last && snapshot?.rows.length === args.limit ? { timestamp: last.timestamp, id: last.id } : null;
  const older = useInfiniteQuery({
    // Not under "usage": a ping must not fetch all older pages again, and they do not change under the reader.
    queryKey: ["requests-older", key, start],
    queryFn: ({ pageParam, signal }) => requestsQuery(args, pageParam).run(db, signal),
    initialPageParam: start,
    getNextPageParam: (page: readonly RequestRow[]) => {
      const end = page.at(-1);
      return end && page.length === args.limit ? { timestamp: end.timestamp, id: end.id } : undefined;
    },
    enabled: false,
    staleTime: Number.POSITIVE_INFINITY,
    placeholderData: undefined,
  });

  const rows = [...(snapshot?.rows ?? []), ...(older.data?.pages.flat() ?? [])];
  const known = new Set(rows.map((row) => row.id));
  const fresh = snapshot?.key === key ? (head.data ?? []).filter((row) => !known.has(row.id)).length : 0;
  return {
    rows,
    fresh,
    isFirst: snapshot === null && !head.error,
    isPending: head.isPlaceholderData,
    error: head.error && (head.data === undefined || head.isPlaceholderData) ? head.error : null,
    retry: () => void head.refetch(),
    showFresh: () => head.data && setSnapshot({ key, rows: head.data }),
    hasMore: older.data ? older.hasNextPage : start !== null,
    isLoadingMore: older.isFetching,
    olderError: older.error,
    loadMore: () => void (older.data ? older.fetchNextPage() : older.refetch()),
  };
}
