"use client";
import { useQuery } from "@tanstack/react-query";
import { useEffect, useState } from "react";
import { cn } from "@/components/ui/cn.ts";
import { Tooltip } from "@/components/ui/tooltip.tsx";
import { formatDateTime, formatRelative } from "@/lib/core/time.ts";
import { useOrganization, usePermission } from "@/lib/orgs/hooks.ts";
import { useDb } from "@/lib/supabase/browser.ts";
import { useLiveStatus } from "@/lib/supabase/live.ts";
import { useOnline } from "@/lib/supabase/online.ts";
import { pulseQuery } from "@/lib/usage/queries.ts";

const RECEIVING_MS = 60_000;

/** Filled: an event arrived within the last minute. Hollow: idle, with the time of the last one. Says when the connection is down. */
export function LiveDot() {
  const { organization } = useOrganization();
  const mayReadUsage = usePermission("usage.read");
  const db = useDb();
  const live = useLiveStatus();
  const connection = useOnline() ? live.connection : "offline";
  const [now, setNow] = useState<number | null>(null);
  const pulse = pulseQuery(organization.id);
  const { data } = useQuery({ queryKey: pulse.key, queryFn: ({ signal }) => pulse.run(db, signal), enabled: mayReadUsage });
  const lastEventAt = data?.last_event_at ?? null;
  useEffect(() => {
    setNow(Date.now());
    const timer = setInterval(() => setNow(Date.now()), 5000);
    return () => clearInterval(timer);
  }, []);

  if (!mayReadUsage || now === null) return null;
  const isReceiving = connection === "connected" && lastEventAt !== null && now - Date.parse(lastEventAt) < RECEIVING_MS;
  const word = connection === "offline" ? "Offline" : connection === "connecting" ? "Connecting" : isReceiving ? "Live" : "Idle";
  const last = lastEventAt
    ? `Last event ${formatRelative(lastEventAt, new Date(now).toISOString())} (${formatDateTime(lastEventAt, organization.time_zone)})`
    : "No event yet";
  const detail = connection === "offline" ? "The live connection is down; trying again. Numbers may be behind." : last;
  return (
    <Tooltip content={detail} side="bottom">
      <button
        type="button"
        className="inline-flex h-8 cursor-default items-center gap-1.5 rounded-md px-1.5 text-muted text-xs"
        aria-label={`${word}. ${detail}`}
      >
        <span
          aria-hidden
          className={cn(
            "size-2 rounded-full border-2",
            isReceiving ? "border-ok bg-ok" : connection === "offline" ? "border-critical" : "border-faint",
          )}
        />
        <span className="hidden sm:inline">{word}</span>
      </button>
    </Tooltip>
  );
}
