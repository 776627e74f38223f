"use client";
import { useState } from "react";
import { useUsage } from "@/lib/usage/hooks.ts";
import { latestRequestsQuery } from "@/lib/usage/picture.ts";
import { pulseQuery } from "@/lib/usage/queries.ts";
import type { Pulse, RequestRow } from "@/lib/usage/rows.ts";

const POLL_MS = 2000;

type FirstEvent = {
  /** Events there were when the page was opened. */
  before: number | null;
  /** The newest event that came in since, null while waiting. */
  arrived: RequestRow | null;
  lastEventAt: string | null;
};

/**
 * Waits for an event. The live channel pings at once; the cheap poll is there for networks that let no socket through, and asks for
 * the event itself only when the count has moved.
 */
export function useFirstEvent(organizationId: string, week: { from: string; to: string }): FirstEvent {
  const pulse = useUsage(pulseQuery(organizationId, "page"), { refetchInterval: POLL_MS });
  const [before, setBefore] = useState<Pulse | null>(pulse.data ?? null);
  if (before === null && pulse.data) setBefore(pulse.data);
  const hasMoved = before !== null && pulse.data !== undefined && pulse.data.events_total > before.events_total;
  const latest = useUsage(latestRequestsQuery({ organizationId, ...week }), { enabled: hasMoved });
  return {
    before: before?.events_total ?? null,
    arrived: hasMoved ? (latest.data?.[0] ?? null) : null,
    lastEventAt: pulse.data?.last_event_at ?? null,
  };
}
