"use client";
import { keepPreviousData, type UseQueryResult, useQuery } from "@tanstack/react-query";
import { useDb } from "../supabase/browser.ts";
import type { PriceQuery } from "./queries.ts";

/** A question about prices; while a new answer is on its way the old one stays. */
export function usePrices<T>(
  query: PriceQuery<T>,
  options: { enabled?: boolean; refetchInterval?: number | false } = {},
): UseQueryResult<T> {
  const db = useDb();
  return useQuery({ queryKey: query.key, queryFn: ({ signal }) => query.run(db, signal), placeholderData: keepPreviousData, ...options });
}
