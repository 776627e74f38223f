import { Table, TableBody, TableCell, TableHead, TableHeaderCell, TableRow } from "@/components/ui/table.tsx";
import type { ChartData } from "@/lib/core/chart.ts";

/** The same numbers as the picture, for who reads better than looks. */
export function ChartDataTable({ data, label, totalLabel }: { data: ChartData; label: string; totalLabel: string }) {
  const hasParts = data.series.length > 1;
  return (
    <Table label={label} containerClassName="max-h-80 overflow-y-auto">
      <TableHead>
        <TableRow>
          <TableHeaderCell>Bucket</TableHeaderCell>
          <TableHeaderCell numeric>{totalLabel}</TableHeaderCell>
          {data.compare ? <TableHeaderCell numeric>{data.compare.label}</TableHeaderCell> : null}
          {data.average ? <TableHeaderCell numeric>{data.average.label}</TableHeaderCell> : null}
          {hasParts
            ? data.series.map((series) => (
                <TableHeaderCell key={series.key} numeric dir="auto">
                  {series.label}
                </TableHeaderCell>
              ))
            : null}
        </TableRow>
      </TableHead>
      <TableBody>
        {data.buckets.map((bucket, index) => (
          <TableRow key={bucket.start}>
            <TableCell className="h-8 whitespace-nowrap py-1">
              {bucket.label}
              {index === data.openIndex ? " (so far)" : ""}
            </TableCell>
            <TableCell numeric className="h-8 py-1 font-medium">
              {data.total[index]?.exact}
            </TableCell>
            {data.compare ? (
              <TableCell numeric className="h-8 py-1 text-muted">
                {data.compare.points[index]?.exact ?? "–"}
              </TableCell>
            ) : null}
            {data.average ? (
              <TableCell numeric className="h-8 py-1 text-muted">
                {data.average.points[index]?.text ?? "–"}
              </TableCell>
            ) : null}
            {hasParts
              ? data.series.map((series) => (
                  <TableCell key={series.key} numeric className="h-8 py-1">
                    {series.points[index]?.exact}
                  </TableCell>
                ))
              : null}
          </TableRow>
        ))}
      </TableBody>
    </Table>
  );
}
