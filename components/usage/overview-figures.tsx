"use client";
import { Sparkline } from "@/components/charts/sparkline.tsx";
import { Skeleton } from "@/components/ui/skeleton.tsx";
import { describeChange, formatMoney, formatMoneyExact } from "@/lib/core/money.ts";
import { formatCount, formatLatency, formatShare } from "@/lib/core/numbers.ts";
import { useClock, useUsage } from "@/lib/usage/hooks.ts";
import { amountOf, type Measures, measureChange } from "@/lib/usage/measures.ts";
import { figuresQueries } from "@/lib/usage/picture.ts";
import type { LiveMinute } from "@/lib/usage/rows.ts";
import { Figure } from "./figure.tsx";
import { NotExactMark } from "./not-exact-mark.tsx";
import { QueryError } from "./query-error.tsx";

type OverviewFiguresProps = { organizationId: string; slug: string; timeZone: string; now: string };

/** The five numbers of now: spend today and this month with the last period to date, requests per minute, errors, latency. */
export function OverviewFigures({ organizationId, slug, timeZone, now: initialNow }: OverviewFiguresProps) {
  const now = useClock(initialNow, 10_000);
  const queries = figuresQueries({ organizationId, timeZone, now });
  const asked = {
    today: useUsage(queries.today),
    yesterday: useUsage(queries.yesterday),
    month: useUsage(queries.month),
    lastMonth: useUsage(queries.lastMonth),
    live: useUsage(queries.live, { refetchInterval: 30_000 }),
  };
  const failed = Object.values(asked).find((query) => query.error && !query.data);
  if (failed?.error) return <QueryError error={failed.error} what="Today's figures" onRetry={() => failed.refetch()} />;
  const [today, yesterday, month, lastMonth] = [asked.today.data, asked.yesterday.data, asked.month.data, asked.lastMonth.data];
  const minutes = asked.live.data ?? [];
  if (!today || !yesterday || !month || !lastMonth) return <FiguresSkeleton />;
  return (
    <dl className="grid grid-cols-2 gap-x-6 gap-y-6 md:grid-cols-3 xl:grid-cols-5 xl:divide-x xl:divide-border xl:*:ps-6 xl:*:first:ps-0">
      <Spend label="Spend today" now={today} before={yesterday} against="vs yesterday by now" href={`/${slug}/requests?range=today`} />
      <Spend label="Spend this month" now={month} before={lastMonth} against="vs last month by now" href={`/${slug}/requests?range=mtd`} />
      <Traffic minutes={minutes} now={now} />
      <Errors today={today} minutes={minutes} now={now} />
      <Figure
        label="p95 latency today"
        value={formatLatency(today.latency_p95_ms)}
        change={measureChange(today, yesterday, "latency_p95_ms")}
        against="vs yesterday by now"
      >
        <span className="figures text-muted text-xs">Median {formatLatency(today.latency_p50_ms)}</span>
      </Figure>
    </dl>
  );
}

function Spend({ label, now, before, against, href }: { label: string; now: Measures; before: Measures; against: string; href: string }) {
  const amount = amountOf(now);
  return (
    <Figure
      label={label}
      value={formatMoney(amount)}
      exact={formatMoneyExact(amount)}
      change={describeChange(amount, before.cost ?? "0")}
      against={against}
    >
      <span className="figures flex flex-wrap gap-x-2 text-muted text-xs">
        {formatCount(now.requests)} {now.requests === 1 ? "request" : "requests"}
        <NotExactMark summary={now} href={`${href}&cost_status=${now.unpriced_requests > 0 ? "unpriced" : "estimated"}`} />
      </span>
    </Figure>
  );
}

/** Mean of the last five whole minutes: one that has only just begun would read as a slump. */
function Traffic({ minutes, now }: { minutes: readonly LiveMinute[]; now: string }) {
  const row = lastHour(minutes, now);
  const recent = row.slice(-6, -1);
  const mean = recent.reduce((sum, minute) => sum + (minute?.requests ?? 0), 0) / 5;
  return (
    <Figure label="Requests per minute" value={mean === 0 ? "0" : mean < 10 ? mean.toFixed(1) : formatCount(Math.round(mean))}>
      <Sparkline
        values={row.map((minute) => minute?.requests ?? 0)}
        label={`Requests per minute over the last hour, at most ${formatCount(Math.max(0, ...row.map((minute) => minute?.requests ?? 0)))}`}
      />
    </Figure>
  );
}

function Errors({ today, minutes, now }: { today: Measures; minutes: readonly LiveMinute[]; now: string }) {
  const row = lastHour(minutes, now);
  const inHour = row.reduce((sum, minute) => sum + (minute?.errors ?? 0), 0);
  return (
    <Figure
      label="Errors today"
      value={formatCount(today.errors)}
      mark={
        <span className="figures text-muted text-xs">
          {today.requests > 0 ? `${formatShare(today.errors, today.requests)} of requests` : ""}
        </span>
      }
    >
      <Sparkline
        values={row.map((minute) => minute?.errors ?? 0)}
        label={`${formatCount(inHour)} errors in the last hour`}
        color="var(--critical)"
      />
    </Figure>
  );
}

/** Sixty minutes up to now; one without traffic is empty. */
function lastHour(minutes: readonly LiveMinute[], now: string): (LiveMinute | undefined)[] {
  const last = Math.floor(Date.parse(now) / 60_000);
  const found = new Map(minutes.map((row) => [Math.floor(Date.parse(row.minute) / 60_000), row]));
  return Array.from({ length: 60 }, (_, index) => found.get(last - 59 + index));
}

export function FiguresSkeleton() {
  return (
    <div role="status" aria-label="Loading today's figures" className="grid grid-cols-2 gap-6 md:grid-cols-3 xl:grid-cols-5">
      {["today", "month", "traffic", "errors", "latency"].map((name) => (
        <div key={name} className="grid gap-2">
          <Skeleton className="h-3 w-24" />
          <Skeleton className="h-8 w-32" />
          <Skeleton className="h-3 w-40" />
        </div>
      ))}
    </div>
  );
}
