"use client";
import { useQuery } from "@tanstack/react-query";
import { useDb } from "../supabase/browser.ts";
import { listSavedViews, savedViewsKey } from "./queries.ts";

/** The views of the person on screen, their own and shared ones. */
export function useSavedViews(organizationId: string, isWanted: boolean) {
  const db = useDb();
  return useQuery({
    queryKey: savedViewsKey(organizationId),
    queryFn: () => listSavedViews(db, organizationId),
    enabled: isWanted,
    staleTime: 60_000,
  });
}
