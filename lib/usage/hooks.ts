"use client";
import { keepPreviousData, type UseQueryResult, useQuery } from "@tanstack/react-query";
import { useSearchParams } from "next/navigation";
import { useCallback, useEffect, useMemo, useState } from "react";
import { parseRangeChoice, type RangeChoice, resolveRange, type TimeRange, writeRangeChoice } from "../core/time-range.ts";
import { useDb } from "../supabase/browser.ts";
import { readFilters, type UsageFilters, writeFilters } from "./filters.ts";
import type { UsageQuery } from "./queries.ts";

/** A usage question kept live: while a new answer is on its way the old one stays, so that a picture is dimmed and never jumps. */
export function useUsage<T>(query: UsageQuery<T>, options: { enabled?: boolean; refetchInterval?: number } = {}): UseQueryResult<T> {
  const db = useDb();
  return useQuery({
    queryKey: query.key,
    queryFn: ({ signal }) => query.run(db, signal),
    placeholderData: keepPreviousData,
    ...options,
  });
}

/**
 * The current time, moving in steps. It starts at the server's `initial` instant, so that the first render in the browser says
 * the same as the page that arrived.
 */
export function useClock(initial: string, stepMilliseconds: number): string {
  const [now, setNow] = useState(initial);
  useEffect(() => {
    const tick = () => setNow(new Date(Math.floor(Date.now() / stepMilliseconds) * stepMilliseconds).toISOString());
    const timer = setInterval(tick, stepMilliseconds);
    document.addEventListener("visibilitychange", tick);
    return () => {
      clearInterval(timer);
      document.removeEventListener("visibilitychange", tick);
    };
  }, [stepMilliseconds]);
  return now;
}

/**
 * The page's parameters; `push` makes a step the back button undoes. The history is written directly: Next follows it, and no
 * server render is asked for what the browser's own queries fetch faster.
 */
export function useUrlState(): {
  params: URLSearchParams;
  update: (change: (params: URLSearchParams) => URLSearchParams, how?: "push" | "replace") => void;
} {
  const params = useSearchParams();
  const current = useMemo(() => new URLSearchParams(params.toString()), [params]);
  const update = useCallback((change: (params: URLSearchParams) => URLSearchParams, how: "push" | "replace" = "push") => {
    // The address bar is ahead of React while a change is under way.
    const next = change(new URLSearchParams(window.location.search)).toString();
    const url = next ? `${window.location.pathname}?${next}` : window.location.pathname;
    if (url === window.location.pathname + window.location.search) return;
    if (how === "push") window.history.pushState(null, "", url);
    else window.history.replaceState(null, "", url);
  }, []);
  return { params: current, update };
}

/** The page's time range from the URL, in the organization's zone. */
export function useTimeRange(
  initialNow: string,
  timeZone: string,
): { choice: RangeChoice; range: TimeRange; setChoice: (choice: RangeChoice) => void } {
  const { params, update } = useUrlState();
  const now = useClock(initialNow, 60_000);
  const choice = useMemo(() => parseRangeChoice(params), [params]);
  const range = useMemo(() => resolveRange(choice, timeZone, now), [choice, timeZone, now]);
  const setChoice = useCallback((next: RangeChoice) => update((old) => writeRangeChoice(old, next)), [update]);
  return { choice, range, setChoice };
}

export function useFilters(): { filters: UsageFilters; setFilters: (filters: UsageFilters) => void } {
  const { params, update } = useUrlState();
  const filters = useMemo(() => readFilters(params), [params]);
  const setFilters = useCallback((next: UsageFilters) => update((old) => writeFilters(old, next)), [update]);
  return { filters, setFilters };
}
