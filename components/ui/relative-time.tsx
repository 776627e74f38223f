"use client";
import { useEffect, useState } from "react";
import { formatDate, formatDateTime, formatRelative } from "@/lib/core/time.ts";
import { Tooltip } from "./tooltip.tsx";

type RelativeTimeProps = { at: string; timeZone: string };

/** "3 h ago" with the full date and time, in the organization's zone, on hover and focus. */
export function RelativeTime({ at, timeZone }: RelativeTimeProps) {
  const [now, setNow] = useState<string | null>(null);
  useEffect(() => {
    const tick = () => setNow(new Date().toISOString());
    tick();
    const timer = setInterval(tick, 30_000);
    return () => clearInterval(timer);
  }, []);
  return (
    <Tooltip content={`${formatDateTime(at, timeZone)} (${timeZone})`}>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: the exact time must be reachable by keyboard */}
      <time dateTime={at} tabIndex={0} className="figures whitespace-nowrap">
        {now ? formatRelative(at, now) : formatDate(at, timeZone)}
      </time>
    </Tooltip>
  );
}
