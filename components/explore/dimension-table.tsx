"use client";
import Link from "next/link";
import { useRouter } from "next/navigation";
import type { ReactNode } from "react";
import { ChangeText } from "@/components/charts/change-text.tsx";
import { ShareBar } from "@/components/charts/share-bar.tsx";
import { Sparkline } from "@/components/charts/sparkline.tsx";
import { cn } from "@/components/ui/cn.ts";
import { Skeleton } from "@/components/ui/skeleton.tsx";
import { Table, TableBody, TableCell, TableHead, TableHeaderCell, TableRow } from "@/components/ui/table.tsx";
import { formatMoney, formatMoneyExact, shareOf } from "@/lib/core/money.ts";
import { formatPercent } from "@/lib/core/numbers.ts";
import type { TimeRange } from "@/lib/core/time-range.ts";
import { seriesLabel } from "@/lib/usage/chart.ts";
import { layTrends, trendGrain, trendsQuery, type ViewOrder } from "@/lib/usage/dimension-view.ts";
import { DIMENSION_LABELS, type Dimension } from "@/lib/usage/dimensions.ts";
import type { UsageFilters } from "@/lib/usage/filters.ts";
import { useUsage } from "@/lib/usage/hooks.ts";
import { amountOf, type Measures, measureChange, NOTHING, readMeasure } from "@/lib/usage/measures.ts";
import type { BreakdownRow } from "@/lib/usage/rows.ts";

type DimensionTableProps = {
  organizationId: string;
  range: TimeRange;
  dimension: Dimension;
  filters: UsageFilters;
  rows: readonly BreakdownRow[];
  summary: Measures | null;
  earlierSummary: Measures | null;
  order: ViewOrder;
  onOrder: (order: ViewOrder) => void;
  hrefOf: (key: string) => string;
};

/** One row per value with all that matters about it, under the row of the whole. */
export function DimensionTable({ range, dimension, rows, summary, earlierSummary, order, onOrder, hrefOf, ...rest }: DimensionTableProps) {
  const router = useRouter();
  const words = DIMENSION_LABELS[dimension];
  const keys = rows.map((row) => row.key);
  const trends = useUsage(trendsQuery({ ...rest, range, dimension }, keys));
  const lines = trends.data ? layTrends(trends.data, range, dimension) : null;
  const grain = trendGrain(range, dimension);
  const hasCompare = range.compare !== null;
  const sorted = (name: ViewOrder) => ({ sort: order === name ? ("desc" as const) : ("none" as const), onSort: () => onOrder(name) });
  return (
    <Table label={words.many}>
      <TableHead>
        <TableRow>
          <TableHeaderCell>{words.one}</TableHeaderCell>
          <TableHeaderCell numeric {...sorted("cost")}>
            Cost
          </TableHeaderCell>
          <TableHeaderCell numeric className="max-lg:hidden">
            Share
          </TableHeaderCell>
          {hasCompare ? (
            <TableHeaderCell numeric {...sorted("change")}>
              Change
            </TableHeaderCell>
          ) : null}
          <TableHeaderCell numeric className="max-sm:hidden" {...sorted("requests")}>
            Requests
          </TableHeaderCell>
          <TableHeaderCell numeric className="max-md:hidden" {...sorted("total_tokens")}>
            Tokens
          </TableHeaderCell>
          <TableHeaderCell numeric className="max-md:hidden" {...sorted("errors")}>
            Errors
          </TableHeaderCell>
          <TableHeaderCell numeric className="max-lg:hidden">
            p95
          </TableHeaderCell>
          <TableHeaderCell className="whitespace-nowrap max-md:hidden">Cost per {grain}</TableHeaderCell>
        </TableRow>
      </TableHead>
      <TableBody>
        {summary ? (
          <TableRow className="font-medium">
            <TableCell className="h-9 py-1">All {words.many.toLowerCase().replace("api", "API")}</TableCell>
            <Cells row={summary} before={earlierSummary} whole={summary} hasCompare={hasCompare} trend={null} />
          </TableRow>
        ) : null}
        {rows.map((row) => {
          const label = seriesLabel(row.key, row.label, dimension);
          const before = hasCompare ? { ...NOTHING, cost: row.previous_cost ?? "0", requests: row.previous_requests ?? 0 } : null;
          return (
            <TableRow key={row.key} interactive onClick={() => router.push(hrefOf(row.key))}>
              <TableCell className="h-9 w-full min-w-28 max-w-0 py-1 sm:min-w-36">
                <Link
                  href={hrefOf(row.key)}
                  className={cn("block truncate hover:underline", row.key === "" && "text-muted italic")}
                  dir="auto"
                  title={label}
                  onClick={(event) => event.stopPropagation()}
                >
                  {label}
                </Link>
              </TableCell>
              <Cells
                row={row}
                before={before}
                whole={summary}
                hasCompare={hasCompare}
                trend={
                  lines ? (
                    <Sparkline
                      values={lines.get(row.key) ?? []}
                      label={`Cost of ${label} per ${grain}`}
                      className={cn("h-6 w-24 transition-opacity", trends.isPlaceholderData && "opacity-50")}
                    />
                  ) : (
                    <Skeleton className="h-6 w-24" />
                  )
                }
              />
            </TableRow>
          );
        })}
      </TableBody>
    </Table>
  );
}

type CellsProps = { row: Measures; before: Measures | null; whole: Measures | null; hasCompare: boolean; trend: ReactNode };

function Cells({ row, before, whole, hasCompare, trend }: CellsProps) {
  const requests = readMeasure(row, "requests");
  const tokens = readMeasure(row, "total_tokens");
  const errors = readMeasure(row, "errors");
  const rate = readMeasure(row, "error_rate");
  const share = shareOf(amountOf(row), whole?.cost ?? null);
  const change = before ? measureChange(row, before, "cost") : null;
  return (
    <>
      <TableCell numeric className="h-9 py-1 font-medium" title={formatMoneyExact(amountOf(row))}>
        {formatMoney(amountOf(row))}
      </TableCell>
      <TableCell numeric className="h-9 py-1 max-lg:hidden">
        <ShareBar share={share === null ? null : { ratio: share, text: formatPercent(share) }} />
      </TableCell>
      {hasCompare ? (
        <TableCell numeric className="h-9 py-1">
          <ChangeText change={change} className="max-2xl:hidden" />
          <ChangeText change={change} short className="2xl:hidden" />
        </TableCell>
      ) : null}
      <TableCell numeric className="h-9 py-1 max-sm:hidden" title={requests.exact}>
        {requests.text}
      </TableCell>
      <TableCell numeric className="h-9 py-1 max-md:hidden" title={tokens.exact}>
        {tokens.text}
      </TableCell>
      <TableCell numeric className="h-9 py-1 max-md:hidden" title={rate.exact}>
        {errors.text}
        {row.errors > 0 ? <span className="text-muted"> ({rate.text})</span> : null}
      </TableCell>
      <TableCell numeric className="h-9 py-1 max-lg:hidden">
        {readMeasure(row, "latency_p95_ms").text}
      </TableCell>
      <TableCell className="h-9 py-1 max-md:hidden">{trend}</TableCell>
    </>
  );
}
