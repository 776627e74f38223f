"use client";
import Link from "next/link";
import { ChangeText } from "@/components/charts/change-text.tsx";
import { cn } from "@/components/ui/cn.ts";
import { Section } from "@/components/ui/section.tsx";
import { Skeleton } from "@/components/ui/skeleton.tsx";
import { describeChange, formatMoney, formatMoneyExact } from "@/lib/core/money.ts";
import type { RangeChoice, TimeRange } from "@/lib/core/time-range.ts";
import { seriesLabel } from "@/lib/usage/chart.ts";
import { DIMENSION_LABELS, type Dimension } from "@/lib/usage/dimensions.ts";
import { useUsage } from "@/lib/usage/hooks.ts";
import { usageHref } from "@/lib/usage/links.ts";
import { amountOf } from "@/lib/usage/measures.ts";
import { moversQuery } from "@/lib/usage/picture.ts";
import { QueryError } from "./query-error.tsx";

type TopMoversProps = { organizationId: string; slug: string; choice: RangeChoice; range: TimeRange; dimension: Dimension };

/** What changed most, up or down, against the same part of the period before. */
export function TopMovers({ organizationId, slug, choice, range, dimension }: TopMoversProps) {
  const query = moversQuery({ organizationId, range, dimension });
  const { data, error, refetch, isPlaceholderData } = useUsage(query);
  const words = DIMENSION_LABELS[dimension];
  return (
    <Section title="Top movers" description={`${words.many} whose cost changed most against the period before.`}>
      {error && !data ? <QueryError error={error} what="Top movers" onRetry={() => refetch()} /> : null}
      {!data && !error ? <Skeleton className="h-48 w-full" /> : null}
      {data?.length === 0 ? <p className="text-muted text-sm">Nothing to compare yet.</p> : null}
      <ul className={cn("transition-opacity", isPlaceholderData && "opacity-50")}>
        {data?.map((row) => {
          const label = seriesLabel(row.key, row.label, dimension);
          return (
            <li key={row.key} className="border-border border-b last:border-b-0">
              <Link
                href={usageHref(slug, "explore", choice, { [dimension]: [row.key] }, { by: dimension, explain: "1" })}
                className="flex min-h-10 items-center justify-between gap-4 py-1.5 hover:bg-surface"
              >
                <span className={cn("flex min-w-0 flex-1", row.key === "" && "text-muted italic")}>
                  <span className="truncate" dir="auto" title={label}>
                    {label}
                  </span>
                </span>
                <span
                  className="figures text-end text-muted text-xs max-sm:hidden"
                  title={`${formatMoneyExact(row.previous_cost ?? "0")} → ${formatMoneyExact(amountOf(row))}`}
                >
                  {formatMoney(row.previous_cost ?? "0")} → <span className="text-ink">{formatMoney(amountOf(row))}</span>
                </span>
                <ChangeText change={describeChange(amountOf(row), row.previous_cost ?? "0")} short className="w-24 justify-end text-sm" />
              </Link>
            </li>
          );
        })}
      </ul>
    </Section>
  );
}
