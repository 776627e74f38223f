"use client";
import { cn } from "@/components/ui/cn.ts";
import { Table, TableBody, TableCell, TableHead, TableHeaderCell, TableRow } from "@/components/ui/table.tsx";
import type { Change } from "@/lib/core/money.ts";
import { ChangeText } from "./change-text.tsx";
import { ShareBar } from "./share-bar.tsx";
import { Swatch } from "./swatch.tsx";

export type LegendRow = {
  key: string;
  label: string;
  color: string | null;
  /** Whether it is a series of its own and not folded into the rest. */
  isDrawn: boolean;
  value: { text: string; exact: string };
  /** Part of the whole as a ratio and as a word. */
  share: { ratio: number; text: string } | null;
  change: Change | null;
  /** False for the folded rest, which no filter can name. */
  canFilter: boolean;
};

type ChartLegendProps = {
  rows: readonly LegendRow[];
  label: string;
  nameHeading: string;
  valueHeading: string;
  hasChange: boolean;
  hasShare?: boolean;
  onIsolate: (key: string | null) => void;
  onPick: (key: string) => void;
  pickHint: string;
};

/** The legend as a table: hover or focus shows a part alone, a click filters by it. */
export function ChartLegend({
  rows,
  label,
  nameHeading,
  valueHeading,
  hasChange,
  hasShare = true,
  onIsolate,
  onPick,
  pickHint,
}: ChartLegendProps) {
  return (
    <Table label={label} className="mt-4">
      <TableHead>
        <TableRow>
          <TableHeaderCell>{nameHeading}</TableHeaderCell>
          <TableHeaderCell numeric>{valueHeading}</TableHeaderCell>
          {hasShare ? (
            <TableHeaderCell numeric className="max-sm:hidden">
              Share
            </TableHeaderCell>
          ) : null}
          {hasChange ? <TableHeaderCell numeric>Change</TableHeaderCell> : null}
        </TableRow>
      </TableHead>
      <TableBody>
        {rows.map((row) => (
          <TableRow
            key={row.key}
            interactive={row.canFilter}
            onPointerEnter={() => row.isDrawn && onIsolate(row.key)}
            onPointerLeave={() => onIsolate(null)}
            onClick={() => row.canFilter && onPick(row.key)}
          >
            <TableCell className="h-8 w-full min-w-28 max-w-0 sm:min-w-36 py-1">
              <LegendName row={row} onIsolate={onIsolate} onPick={onPick} pickHint={pickHint} />
            </TableCell>
            <TableCell numeric className="h-8 py-1">
              <span title={row.value.exact}>{row.value.text}</span>
            </TableCell>
            {hasShare ? (
              <TableCell numeric className="h-8 py-1 max-sm:hidden">
                <ShareBar share={row.share} />
              </TableCell>
            ) : null}
            {hasChange ? (
              <TableCell numeric className="h-8 py-1">
                <ChangeText change={row.change} className="max-md:hidden" />
                <ChangeText change={row.change} short className="md:hidden" />
              </TableCell>
            ) : null}
          </TableRow>
        ))}
      </TableBody>
    </Table>
  );
}

function LegendName({
  row,
  onIsolate,
  onPick,
  pickHint,
}: { row: LegendRow } & Pick<ChartLegendProps, "onIsolate" | "onPick" | "pickHint">) {
  const name = (
    <>
      {row.color ? <Swatch color={row.color} /> : <span aria-hidden className="size-2.5 shrink-0" />}
      <span className={cn("truncate", row.key === "" && "text-muted italic")} dir="auto" title={row.label}>
        {row.label}
      </span>
    </>
  );
  if (!row.canFilter) return <span className="flex min-w-0 items-center gap-2 text-muted">{name}</span>;
  return (
    <button
      type="button"
      className="flex w-full min-w-0 items-center gap-2 text-start"
      aria-label={`${row.label}: ${pickHint}`}
      onFocus={() => row.isDrawn && onIsolate(row.key)}
      onBlur={() => onIsolate(null)}
      onClick={(event) => {
        event.stopPropagation();
        onPick(row.key);
      }}
    >
      {name}
    </button>
  );
}
