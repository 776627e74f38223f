"use client";
import Link from "next/link";
import { Button } from "@/components/ui/button.tsx";
import { Skeleton } from "@/components/ui/skeleton.tsx";
import { TableCell, TableRow } from "@/components/ui/table.tsx";
import { formatExact } from "@/lib/core/numbers.ts";
import type { TimeRange } from "@/lib/core/time-range.ts";
import { seriesLabel } from "@/lib/usage/chart.ts";
import { DIMENSION_LABELS, type Dimension } from "@/lib/usage/dimensions.ts";
import { type UsageFilters, withFilter } from "@/lib/usage/filters.ts";
import { useUsage } from "@/lib/usage/hooks.ts";
import { type Measure, type Measures, measureChange, measureFilters, NOTHING } from "@/lib/usage/measures.ts";
import { insideQueries } from "@/lib/usage/picture.ts";
import { NestedRow } from "./nested-row.tsx";

/** What every row of a nested table knows about it. */
export type NestedPlace = {
  organizationId: string;
  range: TimeRange;
  measure: Measure;
  order: string;
  dimensions: readonly Dimension[];
  whole: Measures;
  open: ReadonlySet<string>;
  toggle: (path: string) => void;
  requestsHref: (filters: UsageFilters) => string;
  exploreHref: (filters: UsageFilters, by: Dimension) => string;
};

type NestedRowsProps = { place: NestedPlace; level: number; path: readonly string[]; filters: UsageFilters };

/** The parts of an opened row: the same question, narrowed to it, by the next dimension. */
export function NestedRows({ place, level, path, filters }: NestedRowsProps) {
  const { dimensions, measure, range, order, organizationId, open, toggle } = place;
  const dimension = dimensions[level] ?? dimensions[0] ?? "model";
  const queries = insideQueries({ organizationId, range, dimension, filters: measureFilters(measure, filters), order });
  const { data, error, refetch } = useUsage(queries.table);
  const hasOwnEarlier = measure === "cost" || measure === "waste" || measure === "requests";
  const earlier = useUsage(queries.earlier ?? queries.table, { enabled: queries.earlier !== null && !hasOwnEarlier });
  const before = new Map(hasOwnEarlier ? [] : earlier.data?.map((row) => [row.key, row]));
  if (!data) {
    return (
      <TableRow>
        <TableCell colSpan={6} className="py-2">
          {error ? (
            <span className="flex items-center gap-3 text-muted text-sm">
              {error.message}
              <Button size="sm" onClick={() => refetch()}>
                Try again
              </Button>
            </span>
          ) : (
            <Skeleton className="h-5 w-full" />
          )}
        </TableCell>
      </TableRow>
    );
  }
  const total = data[0]?.total_rows ?? 0;
  return (
    <>
      {data.map((row) => {
        const narrowed = withFilter(filters, dimension, [row.key]);
        const here = [...path, row.key];
        const key = JSON.stringify(here);
        const then = hasOwnEarlier
          ? { ...NOTHING, cost: row.previous_cost ?? "0", requests: row.previous_requests ?? 0 }
          : before.get(row.key);
        const isOpen = open.has(key);
        return [
          <NestedRow
            key={key}
            level={level}
            label={seriesLabel(row.key, row.label, dimension)}
            isUnset={row.key === ""}
            row={row}
            change={range.compare && then ? measureChange(row, then, measure) : null}
            place={place}
            isOpen={isOpen}
            inside={dimensions[level + 1] ?? null}
            onToggle={() => toggle(key)}
            requestsHref={place.requestsHref(narrowed)}
          />,
          isOpen ? <NestedRows key={`${key} inside`} place={place} level={level + 1} path={here} filters={narrowed} /> : null,
        ];
      })}
      {total > data.length ? (
        <TableRow className="bg-surface">
          <TableCell colSpan={6} className="h-9 py-1 text-muted text-xs">
            The {formatExact(data.length)} largest of {formatExact(total)}.{" "}
            <Link className="underline underline-offset-3" href={place.exploreHref(filters, dimension)}>
              All {DIMENSION_LABELS[dimension].many.toLowerCase()}
            </Link>
          </TableCell>
        </TableRow>
      ) : null}
    </>
  );
}
