"use client";
import { ListTree } from "lucide-react";
import Link from "next/link";
import { ChangeText } from "@/components/charts/change-text.tsx";
import { ShareBar } from "@/components/charts/share-bar.tsx";
import { Swatch } from "@/components/charts/swatch.tsx";
import { cn } from "@/components/ui/cn.ts";
import { Table, TableBody, TableCell, TableHead, TableHeaderCell, TableRow } from "@/components/ui/table.tsx";
import type { Picture } from "@/components/usage/use-picture.ts";
import { formatMoney, formatMoneyExact } from "@/lib/core/money.ts";
import { formatCount, formatExact } from "@/lib/core/numbers.ts";
import { DIMENSION_LABELS } from "@/lib/usage/dimensions.ts";
import { amountOf, isAdditive, MEASURE_INFO, readMeasure } from "@/lib/usage/measures.ts";
import { type ExploreOrder, orderOf } from "./explore-state.ts";

type ExploreTableProps = {
  picture: Picture;
  order: ExploreOrder;
  onOrder: (order: ExploreOrder) => void;
  onIsolate: (key: string | null) => void;
  /** Where a click on a row goes, in words: "see its features". */
  drillHint: string;
  onDrill: (key: string) => void;
  requestsHref: (key: string) => string;
};

/** One row per part: value, share, earlier value, change; a click narrows to it. */
export function ExploreTable({ picture, order, onOrder, onIsolate, drillHint, onDrill, requestsHref }: ExploreTableProps) {
  const { dimension, measure, rows, range } = picture;
  const isCost = measure === "cost" || measure === "waste";
  const isRequests = measure === "requests";
  const sorted = (name: ExploreOrder) => ({ sort: order === name ? ("desc" as const) : ("none" as const), onSort: () => onOrder(name) });
  return (
    <Table label={`${MEASURE_INFO[measure].label} by ${DIMENSION_LABELS[dimension].one}`} className="mt-4">
      <TableHead>
        <TableRow>
          <TableHeaderCell>{DIMENSION_LABELS[dimension].one}</TableHeaderCell>
          <TableHeaderCell numeric {...(isCost || orderOf(measure) !== "cost" ? sorted(orderOf(measure)) : {})}>
            {MEASURE_INFO[measure].label}
          </TableHeaderCell>
          {isAdditive(measure) ? <TableHeaderCell numeric>Share</TableHeaderCell> : null}
          {range.compare ? (
            <>
              <TableHeaderCell numeric className="max-md:hidden">
                Before
              </TableHeaderCell>
              <TableHeaderCell numeric {...(isCost ? sorted("change") : {})}>
                Change
              </TableHeaderCell>
            </>
          ) : null}
          {isCost ? null : (
            <TableHeaderCell numeric className="max-sm:hidden" {...sorted("cost")}>
              Cost
            </TableHeaderCell>
          )}
          {isRequests ? null : (
            <TableHeaderCell numeric className="max-sm:hidden" {...sorted("requests")}>
              Requests
            </TableHeaderCell>
          )}
          <TableHeaderCell className="w-10">
            <span className="sr-only">Requests behind it</span>
          </TableHeaderCell>
        </TableRow>
      </TableHead>
      <TableBody>
        {rows.map((entry) => (
          <TableRow
            key={entry.key}
            interactive
            onClick={() => onDrill(entry.key)}
            onPointerEnter={() => entry.isDrawn && onIsolate(entry.key)}
            onPointerLeave={() => onIsolate(null)}
          >
            <TableCell className="h-9 w-full min-w-28 max-w-0 sm:min-w-36 py-1">
              <button
                type="button"
                className="flex w-full min-w-0 items-center gap-2 text-start"
                aria-label={`${entry.label}: ${drillHint}`}
                onFocus={() => entry.isDrawn && onIsolate(entry.key)}
                onBlur={() => onIsolate(null)}
                onClick={(event) => {
                  event.stopPropagation();
                  onDrill(entry.key);
                }}
              >
                {entry.color ? <Swatch color={entry.color} /> : <span aria-hidden className="size-2.5 shrink-0" />}
                <span className={cn("truncate", entry.key === "" && "text-muted italic")} dir="auto" title={entry.label}>
                  {entry.label}
                </span>
              </button>
            </TableCell>
            <TableCell numeric className="h-9 py-1 font-medium" title={entry.value.exact}>
              {entry.value.text}
            </TableCell>
            {isAdditive(measure) ? (
              <TableCell numeric className="h-9 py-1">
                <ShareBar share={entry.share} />
              </TableCell>
            ) : null}
            {range.compare ? (
              <>
                <TableCell numeric className="h-9 py-1 text-muted max-md:hidden">
                  {entry.before ? readMeasure(entry.before, measure).text : "–"}
                </TableCell>
                <TableCell numeric className="h-9 py-1">
                  <ChangeText change={entry.change} className="max-md:hidden" />
                  <ChangeText change={entry.change} short className="md:hidden" />
                </TableCell>
              </>
            ) : null}
            {isCost ? null : (
              <TableCell numeric className="h-9 py-1 text-muted max-sm:hidden" title={formatMoneyExact(amountOf(entry.row))}>
                {formatMoney(amountOf(entry.row))}
              </TableCell>
            )}
            {isRequests ? null : (
              <TableCell numeric className="h-9 py-1 text-muted max-sm:hidden" title={formatExact(entry.row.requests)}>
                {formatCount(entry.row.requests)}
              </TableCell>
            )}
            <TableCell className="h-9 w-10 py-1">
              <Link
                href={requestsHref(entry.key)}
                aria-label={`Requests of ${entry.label}`}
                title="Requests"
                className="grid size-7 place-items-center rounded-md text-muted hover:bg-hover hover:text-ink"
                onClick={(event) => event.stopPropagation()}
              >
                <ListTree aria-hidden className="size-4" />
              </Link>
            </TableCell>
          </TableRow>
        ))}
      </TableBody>
    </Table>
  );
}
