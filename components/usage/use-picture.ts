"use client";
import { useMemo } from "react";
import type { LegendRow } from "@/components/charts/chart-legend.tsx";
import type { ChartData } from "@/lib/core/chart.ts";
import { OTHER_COLOR } from "@/lib/core/palette.ts";
import { buildChart, seriesLabel } from "@/lib/usage/chart.ts";
import { type Dimension, OTHER_KEY } from "@/lib/usage/dimensions.ts";
import { useUsage } from "@/lib/usage/hooks.ts";
import { type Measure, type Measures, measureChange, NOTHING, readMeasure } from "@/lib/usage/measures.ts";
import { type PictureArgs, pictureQueries } from "@/lib/usage/picture.ts";
import type { BreakdownRow } from "@/lib/usage/rows.ts";
import { shareIn } from "./share-in.ts";
import { useSettled } from "./use-settled.ts";

export type Picture = {
  range: PictureArgs["range"];
  dimension: Dimension;
  measure: Measure;
  chart: ChartData;
  rows: readonly (LegendRow & { row: BreakdownRow; before: Measures | null })[];
  /** All parts there are, of which `rows` are the first. */
  totalRows: number;
  summary: Measures;
  earlierSummary: Measures | null;
};

type UsePicture = {
  picture: Picture | null;
  /** The picture shown is of an earlier question. */
  isPending: boolean;
  error: Error | null;
  retry: () => void;
};

/** One measure of one range by one dimension, as chart and table that belong to the same question at every moment. */
export function usePicture(args: PictureArgs & { measure: Measure; now: string; isAveraged?: boolean }): UsePicture {
  const { range, dimension, measure, now, isAveraged = false } = args;
  const queries = pictureQueries(args);
  const parts = useUsage(queries.parts);
  const totals = useUsage(queries.totals);
  const table = useUsage(queries.table);
  const summary = useUsage(queries.summary);
  const roster = useUsage(queries.roster);
  const previous = useUsage(queries.previous ?? queries.totals, { enabled: queries.previous !== null });
  const earlierSummary = useUsage(queries.earlierSummary ?? queries.summary, { enabled: queries.earlierSummary !== null });
  // Cost and requests come with their earlier values; the other measures need the earlier rows themselves.
  const needsEarlier = measure !== "cost" && measure !== "waste" && measure !== "requests" && queries.earlierTable !== null;
  const earlierTable = useUsage(queries.earlierTable ?? queries.table, { enabled: needsEarlier });

  const asked = [
    parts,
    totals,
    table,
    summary,
    ...(range.compare ? [previous, earlierSummary] : []),
    ...(needsEarlier ? [earlierTable] : []),
  ];
  const isPending = asked.some((query) => query.isPlaceholderData || query.data === undefined);
  const failed = asked.find((query) => query.error && (query.data === undefined || query.isPlaceholderData));

  const built = useMemo<Picture | null>(() => {
    if (!parts.data || !totals.data || !table.data || !summary.data || !roster.data) return null;
    const chart = buildChart({
      range,
      measure,
      dimension,
      parts: parts.data,
      totals: totals.data,
      previous: range.compare ? (previous.data ?? null) : null,
      roster: roster.data,
      now,
      isAveraged,
    });
    const before = new Map(earlierTable.data?.map((row) => [row.key, row]));
    const colors = new Map(chart.series.map((series) => [series.key, series.color]));
    return {
      range,
      dimension,
      measure,
      chart,
      rows: table.data.map((row) => {
        const earlier = earlierOf(row, needsEarlier ? before.get(row.key) : undefined, range.compare !== null);
        return {
          key: row.key,
          label: seriesLabel(row.key, row.label, dimension),
          color: colors.get(row.key) ?? (chart.series.some((series) => series.isOther) ? OTHER_COLOR : null),
          isDrawn: colors.has(row.key),
          value: readMeasure(row, measure),
          share: shareIn(row, summary.data, measure),
          change: earlier ? measureChange(row, earlier, measure) : null,
          canFilter: row.key !== OTHER_KEY,
          row,
          before: earlier,
        };
      }),
      totalRows: table.data[0]?.total_rows ?? 0,
      summary: summary.data,
      earlierSummary: range.compare ? (earlierSummary.data ?? null) : null,
    };
  }, [
    range,
    measure,
    dimension,
    now,
    isAveraged,
    parts.data,
    totals.data,
    table.data,
    summary.data,
    roster.data,
    previous.data,
    earlierSummary.data,
    earlierTable.data,
    needsEarlier,
  ]);

  const picture = useSettled(built, isPending);
  return {
    picture,
    isPending,
    error: failed?.error ?? null,
    retry: () => {
      for (const query of asked) if (query.error) void query.refetch();
    },
  };
}

function earlierOf(row: BreakdownRow, found: Measures | undefined, hasCompare: boolean): Measures | null {
  if (!hasCompare) return null;
  return found ?? { ...NOTHING, cost: row.previous_cost ?? "0", requests: row.previous_requests ?? 0 };
}
