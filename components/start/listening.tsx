"use client";
import { CircleCheck } from "lucide-react";
import Link from "next/link";
import { useRouter } from "next/navigation";
import { type ReactNode, useEffect } from "react";
import { buttonStyles } from "@/components/ui/button.tsx";
import { cn } from "@/components/ui/cn.ts";
import { RequestCost } from "@/components/usage/request-cost.tsx";
import { formatCount } from "@/lib/core/numbers.ts";
import { formatDateTime, formatRelative } from "@/lib/core/time.ts";
import { useClock } from "@/lib/usage/hooks.ts";
import type { RequestRow } from "@/lib/usage/rows.ts";
import { useFirstEvent } from "./use-first-event.ts";

/** Long enough to see the event and its price, short enough to be carried along. */
const STAY_MS = 5000;

type ListeningProps = { organizationId: string; slug: string; timeZone: string; week: { from: string; to: string }; now: string };

/** Waits for the event, shows it where it was awaited, then becomes the dashboard. */
export function Listening({ organizationId, slug, timeZone, week, now: initialNow }: ListeningProps) {
  const router = useRouter();
  const now = useClock(initialNow, 5000);
  const { before, arrived, lastEventAt } = useFirstEvent(organizationId, week);
  const target = `/${slug}/overview`;
  const hasArrived = arrived !== null;
  useEffect(() => {
    if (!hasArrived) return;
    router.prefetch(target);
    const timer = setTimeout(() => router.push(target), STAY_MS);
    return () => clearTimeout(timer);
  }, [hasArrived, router, target]);
  return (
    <div aria-live="polite" className="rounded-lg border border-border bg-surface p-4">
      {arrived ? (
        <Arrived row={arrived} timeZone={timeZone} target={target} />
      ) : (
        <div className="flex flex-wrap items-center gap-3">
          <Pulse />
          <p className="min-w-0 flex-1 basis-48">
            <span className="font-medium">Listening for {before ? "a new" : "your first"} event…</span>{" "}
            <span className="text-muted">
              {lastEventAt
                ? `The last one came ${formatRelative(lastEventAt, now)}.`
                : "Run the snippet; the event appears here the moment it is stored."}
            </span>
          </p>
          {before ? (
            <Link href={target} className={cn(buttonStyles({ variant: "secondary" }), "ms-auto")}>
              Open the dashboard
            </Link>
          ) : null}
        </div>
      )}
    </div>
  );
}

function Arrived({ row, timeZone, target }: { row: RequestRow; timeZone: string; target: string }) {
  return (
    <div className="grid animate-rise gap-3">
      <p className="flex items-center gap-2 font-medium">
        <CircleCheck aria-hidden className="size-4 text-ok" />
        It arrived
      </p>
      <dl className="grid grid-cols-2 gap-3 sm:grid-cols-4">
        <Fact term="Model">{row.model}</Fact>
        <Fact term="Tokens">
          {formatCount(row.input_tokens)} in, {formatCount(row.output_tokens)} out
        </Fact>
        <Fact term="Time">{formatDateTime(row.timestamp, timeZone)}</Fact>
        <Fact term="Cost">
          <RequestCost cost={row.cost} status={row.cost_status} />
        </Fact>
      </dl>
      <p className="flex flex-wrap items-center gap-3 text-muted">
        Opening your dashboard…
        <Link href={target} className={buttonStyles({ variant: "primary" })}>
          Open it now
        </Link>
      </p>
    </div>
  );
}

function Fact({ term, children }: { term: string; children: ReactNode }) {
  return (
    <div className="min-w-0">
      <dt className="text-muted text-xs">{term}</dt>
      <dd className="figures truncate" dir="auto">
        {children}
      </dd>
    </div>
  );
}

function Pulse() {
  return (
    <span aria-hidden className="relative grid size-4 shrink-0 place-items-center">
      <span className="absolute size-4 animate-ping rounded-full bg-accent/30 motion-reduce:hidden" />
      <span className="size-2 rounded-full bg-accent" />
    </span>
  );
}
