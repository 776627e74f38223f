"use client";
import { useQueryClient } from "@tanstack/react-query";
import { WifiOff } from "lucide-react";
import { useEffect, useState, useSyncExternalStore } from "react";
import { formatTime } from "@/lib/core/time.ts";
import { useOrganization } from "@/lib/orgs/hooks.ts";
import { useLiveStatus } from "@/lib/supabase/live.ts";
import { useOnline } from "@/lib/supabase/online.ts";

/** A live connection that comes back within this time is not worth a word. */
const PATIENCE_MS = 5_000;

/** Says that what is on screen stands still, and since when. What is there stays; everything is asked again once the way is back. */
export function ConnectionBanner() {
  const isOnline = useOnline();
  const isLost = useLiveStatus().connection === "offline";
  const [isLong, setIsLong] = useState(false);
  useEffect(() => {
    if (!isLost) return setIsLong(false);
    const timer = setTimeout(() => setIsLong(true), PATIENCE_MS);
    return () => clearTimeout(timer);
  }, [isLost]);
  // The region is there before its words are, so that screen readers announce them.
  return (
    <div role="status" data-print="hidden">
      {isOnline && !isLong ? null : <StandsStill isOnline={isOnline} />}
    </div>
  );
}

function StandsStill({ isOnline }: { isOnline: boolean }) {
  const { organization } = useOrganization();
  const updatedAt = useLastUpdate();
  return (
    <p className="flex items-start gap-x-3 border-warning/25 border-b bg-warning-soft px-4 py-1.5 text-sm sm:px-6">
      <WifiOff aria-hidden className="mt-0.5 size-4 shrink-0 text-warning" />
      <span className="min-w-0">
        <span className="font-medium">{isOnline ? "The live connection is down." : "You are offline."}</span>{" "}
        {updatedAt > 0 ? `Last updated ${formatTime(new Date(updatedAt).toISOString(), organization.time_zone)}. ` : null}
        Numbers may be behind; they catch up by themselves.
      </span>
    </p>
  );
}

/** When the newest answer on screen arrived, in milliseconds since 1970; 0 when the page asks nothing. */
function useLastUpdate(): number {
  const cache = useQueryClient().getQueryCache();
  return useSyncExternalStore(
    (listener) => cache.subscribe(listener),
    () => Math.max(0, ...cache.findAll({ type: "active" }).map((query) => query.state.dataUpdatedAt)),
    () => 0,
  );
}
