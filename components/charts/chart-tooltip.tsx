import type { ChartData } from "@/lib/core/chart.ts";
import { ExactText } from "./exact-text.tsx";
import { Swatch } from "./swatch.tsx";

/** What one bucket holds: the exact bucket with its zone, the whole, the earlier period, then the parts in the chart's order. */
export function ChartTooltip({ data, index, totalLabel }: { data: ChartData; index: number; totalLabel: string }) {
  const bucket = data.buckets[index];
  if (!bucket) return null;
  const total = data.total[index];
  const compare = data.compare?.points[index];
  const average = data.average?.points[index];
  const parts = data.series.filter((series) => (series.points[index]?.value ?? 0) !== 0);
  return (
    <div className="grid gap-1.5 text-xs">
      <p className="text-muted">
        {bucket.label}
        {index === data.openIndex ? " · so far" : ""}
      </p>
      <table className="w-full border-collapse">
        <tbody>
          <tr className="font-medium">
            <th scope="row" className="pe-4 text-start font-medium">
              {totalLabel}
            </th>
            <td className="text-end">
              <ExactText text={total?.exact ?? "–"} />
            </td>
          </tr>
          {compare && data.compare ? (
            <tr className="text-muted">
              <th scope="row" className="pe-4 text-start font-normal">
                <span aria-hidden className="me-1.5 inline-block w-3 border-muted border-t-2 border-dashed align-middle" />
                {data.compare.label}
              </th>
              <td className="figures text-end">{compare.text}</td>
            </tr>
          ) : null}
          {average && data.average ? (
            <tr className="text-muted">
              <th scope="row" className="pe-4 text-start font-normal">
                <span aria-hidden className="me-1.5 inline-block w-3 border-ink border-t-2 align-middle" />
                {data.average.label}
              </th>
              <td className="figures text-end">{average.text}</td>
            </tr>
          ) : null}
          {parts.map((series) => (
            <tr key={series.key}>
              <th scope="row" className="max-w-40 truncate pe-4 text-start font-normal" dir="auto">
                <Swatch color={series.color} className="me-1.5" />
                {series.label}
              </th>
              <td className="text-end">
                <ExactText text={series.points[index]?.exact ?? "–"} />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
