import { Table, TableBody, TableCell, TableHead, TableHeaderCell, TableRow } from "@/components/ui/table.tsx";
import type { Waterfall, WaterfallBar } from "@/lib/core/waterfall.ts";
import { ExactText } from "./exact-text.tsx";

type WaterfallRow = { key: string; label: string; hint?: string; text: string; exact: string };

type WaterfallChartProps = { label: string; picture: Waterfall; rows: readonly WaterfallRow[] };

/**
 * How one amount became another, step by step. Picture and table are one: each row carries its bar, its amount and every digit of it,
 * so who cannot see the bars loses nothing.
 */
export function WaterfallChart({ label, picture, rows }: WaterfallChartProps) {
  return (
    <Table label={label}>
      <TableHead>
        <TableRow>
          <TableHeaderCell>Part</TableHeaderCell>
          <TableHeaderCell aria-hidden className="w-full" />
          <TableHeaderCell numeric>Amount</TableHeaderCell>
          <TableHeaderCell numeric className="max-lg:hidden">
            Exactly
          </TableHeaderCell>
        </TableRow>
      </TableHead>
      <TableBody>
        {picture.bars.map((bar, index) => {
          const row = rows[index];
          return row ? (
            <TableRow key={bar.key} className={bar.isWhole ? "font-medium" : undefined}>
              <TableCell className="h-9 whitespace-nowrap py-1" title={row.hint}>
                {row.label}
                {row.hint ? <span className="ms-2 text-muted text-xs max-xl:sr-only">{row.hint}</span> : null}
              </TableCell>
              <TableCell aria-hidden className="h-9 min-w-24 p-0">
                <Bar bar={bar} zero={picture.zero} next={picture.bars[index + 1]} />
              </TableCell>
              <TableCell numeric className="h-9 py-1" title={row.exact} data-exact={row.exact}>
                {row.text}
              </TableCell>
              <TableCell numeric className="h-9 py-1 text-xs max-lg:hidden">
                <ExactText text={row.exact} />
              </TableCell>
            </TableRow>
          ) : null;
        })}
      </TableBody>
    </Table>
  );
}

/** One step in a unit box; the hairline at its end leads down to where the next one begins. */
function Bar({ bar, zero, next }: { bar: WaterfallBar; zero: number; next: WaterfallBar | undefined }) {
  const left = Math.min(bar.start, bar.end);
  const fill = bar.isWhole ? "var(--chart-1)" : bar.end >= bar.start ? "var(--chart-2)" : "var(--chart-3)";
  return (
    <svg viewBox="0 0 100 36" preserveAspectRatio="none" className="block h-9 w-full rtl:-scale-x-100" aria-hidden focusable="false">
      <line x1={zero} x2={zero} y1={0} y2={36} stroke="var(--border)" vectorEffect="non-scaling-stroke" />
      {bar.end === bar.start ? null : <rect x={left} y={9} width={Math.max(0.4, Math.abs(bar.end - bar.start))} height={18} fill={fill} />}
      {next ? (
        <line x1={bar.end} x2={bar.end} y1={27} y2={36} stroke="var(--control)" strokeDasharray="2 2" vectorEffect="non-scaling-stroke" />
      ) : null}
    </svg>
  );
}
