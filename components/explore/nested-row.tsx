"use client";
import { ChevronRight, ListTree } from "lucide-react";
import Link from "next/link";
import { ChangeText } from "@/components/charts/change-text.tsx";
import { ShareBar } from "@/components/charts/share-bar.tsx";
import { cn } from "@/components/ui/cn.ts";
import { TableCell, TableRow } from "@/components/ui/table.tsx";
import { shareIn } from "@/components/usage/share-in.ts";
import type { Change } from "@/lib/core/money.ts";
import { formatCount, formatExact } from "@/lib/core/numbers.ts";
import { DIMENSION_LABELS, type Dimension } from "@/lib/usage/dimensions.ts";
import { isAdditive, type Measures, readMeasure } from "@/lib/usage/measures.ts";
import type { NestedPlace } from "./nested-rows.tsx";

type NestedRowProps = {
  place: NestedPlace;
  level: number;
  label: string;
  isUnset: boolean;
  row: Measures;
  change: Change | null;
  isOpen: boolean;
  /** What it opens into; null at the last level, where only the requests are left. */
  inside: Dimension | null;
  onToggle: () => void;
  requestsHref: string;
};

const INDENT = ["ps-0", "ps-6", "ps-12"];

export function NestedRow({ place, level, label, isUnset, row, change, isOpen, inside, onToggle, requestsHref }: NestedRowProps) {
  const value = readMeasure(row, place.measure);
  const name = (
    <span className={cn("truncate", isUnset && "text-muted italic")} dir="auto" title={label}>
      {label}
    </span>
  );
  return (
    <TableRow data-level={level} className={level > 0 ? "bg-surface" : undefined}>
      <TableCell className={cn("h-9 w-full min-w-40 max-w-0 py-1 first:ps-0", level > 0 && "font-normal")}>
        <span className={cn("flex min-w-0 items-center", INDENT[level])}>
          {inside ? (
            <button
              type="button"
              aria-expanded={isOpen}
              aria-label={`${label}: ${isOpen ? "close" : "open"} its ${DIMENSION_LABELS[inside].many.toLowerCase()}`}
              className="flex min-h-7 min-w-0 items-center gap-1.5 text-start"
              onClick={onToggle}
            >
              <ChevronRight
                aria-hidden
                className={cn("size-4 shrink-0 text-muted transition-transform rtl:-scale-x-100", isOpen && "rotate-90 rtl:-rotate-90")}
              />
              {name}
            </button>
          ) : (
            <span className="flex min-w-0 ps-5.5">{name}</span>
          )}
        </span>
      </TableCell>
      <TableCell numeric className="h-9 py-1 font-medium" title={value.exact}>
        {value.text}
      </TableCell>
      {isAdditive(place.measure) ? (
        <TableCell numeric className="h-9 py-1 max-sm:hidden">
          <ShareBar share={shareIn(row, place.whole, place.measure)} />
        </TableCell>
      ) : null}
      {place.range.compare ? (
        <TableCell numeric className="h-9 py-1">
          <ChangeText change={change} className="max-md:hidden" />
          <ChangeText change={change} short className="md:hidden" />
        </TableCell>
      ) : null}
      <TableCell numeric className="h-9 py-1 text-muted max-sm:hidden" title={formatExact(row.requests)}>
        {formatCount(row.requests)}
      </TableCell>
      <TableCell className="h-9 w-10 py-1">
        <Link
          href={requestsHref}
          aria-label={`Requests of ${label}`}
          title="Requests"
          className="grid size-7 place-items-center rounded-md text-muted hover:bg-hover hover:text-ink"
        >
          <ListTree aria-hidden className="size-4" />
        </Link>
      </TableCell>
    </TableRow>
  );
}
