import type { ChartData } from "@/lib/core/chart.ts";
import { toCsv } from "@/lib/core/csv.ts";

/** Exactly what the chart shows, with exact decimals: one row per bucket. */
export function chartCsv(data: ChartData, totalLabel: string): string {
  const hasCompare = data.compare !== null;
  const header = [
    "bucket_start",
    "bucket",
    totalLabel,
    ...(hasCompare ? [data.compare?.label ?? ""] : []),
    ...data.series.map((series) => series.label),
  ];
  const rows = data.buckets.map((bucket, index) => [
    bucket.start,
    bucket.label,
    data.total[index]?.raw,
    ...(hasCompare ? [data.compare?.points[index]?.raw] : []),
    ...data.series.map((series) => series.points[index]?.raw),
  ]);
  return toCsv(header, rows);
}
