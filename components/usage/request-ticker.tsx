"use client";
import Link from "next/link";
import { useState } from "react";
import { Section } from "@/components/ui/section.tsx";
import { Skeleton } from "@/components/ui/skeleton.tsx";
import { formatCount } from "@/lib/core/numbers.ts";
import { formatDateTime, formatRelative } from "@/lib/core/time.ts";
import { useClock, useUsage } from "@/lib/usage/hooks.ts";
import { latestRequestsQuery } from "@/lib/usage/picture.ts";
import type { RequestRow } from "@/lib/usage/rows.ts";
import { NewRowsButton } from "./new-rows-button.tsx";
import { QueryError } from "./query-error.tsx";
import { RequestCost } from "./request-cost.tsx";
import { StatusMark } from "./status-mark.tsx";
import { useHeldRows } from "./use-held-rows.ts";

type RequestTickerProps = { organizationId: string; slug: string; timeZone: string; week: { from: string; to: string }; now: string };

/** The newest requests as they come in. Under the pointer or the focus nothing moves: what arrives collects behind a button. */
export function RequestTicker({ organizationId, slug, timeZone, week, now: initialNow }: RequestTickerProps) {
  const { data, error, refetch } = useUsage(latestRequestsQuery({ organizationId, ...week }));
  const [isRead, setIsRead] = useState(false);
  const { shown, fresh, release } = useHeldRows(data ?? [], isRead);
  const now = useClock(initialNow, 5000);
  return (
    <Section
      title="Last requests"
      description="As they arrive."
      actions={
        <>
          <NewRowsButton count={fresh} most={12} onShow={release} />
          <Link className="link text-sm" href={`/${slug}/requests`}>
            All requests
          </Link>
        </>
      }
    >
      {error && !data ? <QueryError error={error} what="The last requests" onRetry={() => refetch()} /> : null}
      {!data && !error ? <Skeleton className="h-48 w-full" /> : null}
      {data?.length === 0 ? <p className="text-muted text-sm">No requests in the last seven days.</p> : null}
      <ol
        onPointerMove={() => setIsRead(true)}
        onPointerLeave={() => setIsRead(false)}
        onFocus={() => setIsRead(true)}
        onBlur={(event) => {
          if (!event.currentTarget.contains(event.relatedTarget)) setIsRead(false);
        }}
      >
        {shown.map((row) => (
          <TickerRow key={row.id} row={row} slug={slug} timeZone={timeZone} now={now} />
        ))}
      </ol>
    </Section>
  );
}

function TickerRow({ row, slug, timeZone, now }: { row: RequestRow; slug: string; timeZone: string; now: string }) {
  return (
    <li className="animate-fade border-border border-b last:border-b-0">
      <Link
        href={`/${slug}/requests?${new URLSearchParams({ request: row.request_id })}`}
        className="grid min-h-10 grid-cols-[4.5rem_minmax(0,1fr)_auto] items-center gap-3 py-1.5 hover:bg-surface"
      >
        <time
          dateTime={row.timestamp}
          title={formatDateTime(row.timestamp, timeZone)}
          className="figures whitespace-nowrap text-muted text-xs"
        >
          {formatRelative(row.timestamp, now)}
        </time>
        <span className="flex min-w-0 items-center gap-2">
          <StatusMark status={row.status} code={row.error_code} />
          <span className="truncate" dir="auto">
            {row.model}
          </span>
          {row.feature ? (
            <span className="shrink-[999] truncate text-muted text-xs max-sm:hidden" dir="auto">
              {row.feature}
            </span>
          ) : null}
        </span>
        <span className="figures flex items-baseline gap-3 whitespace-nowrap text-end">
          <span className="text-muted text-xs max-sm:hidden">{formatCount(row.input_tokens + row.output_tokens)} tokens</span>
          <RequestCost cost={row.cost} status={row.cost_status} />
        </span>
      </Link>
    </li>
  );
}
