"use client";
import { useState } from "react";
import { Table, TableBody, TableHead, TableHeaderCell, TableRow } from "@/components/ui/table.tsx";
import type { Picture } from "@/components/usage/use-picture.ts";
import { DIMENSION_LABELS, type Dimension } from "@/lib/usage/dimensions.ts";
import { type UsageFilters, withFilter } from "@/lib/usage/filters.ts";
import { isAdditive, MEASURE_INFO } from "@/lib/usage/measures.ts";
import { NestedRow } from "./nested-row.tsx";
import { type NestedPlace, NestedRows } from "./nested-rows.tsx";

type NestedTableProps = {
  picture: Picture;
  organizationId: string;
  order: string;
  filters: UsageFilters;
  /** Second and third dimension: what a row opens into. */
  inner: readonly Dimension[];
  requestsHref: (filters: UsageFilters) => string;
  exploreHref: (filters: UsageFilters, by: Dimension) => string;
};

/** Up to three dimensions, one inside the other. A row is asked for its parts when it is opened; under the last are the requests. */
export function NestedTable({ picture, inner, filters, requestsHref, exploreHref, organizationId, order }: NestedTableProps) {
  const [open, setOpen] = useState<ReadonlySet<string>>(new Set());
  const { dimension, measure, rows, range, summary } = picture;
  const dimensions = [dimension, ...inner];
  const toggle = (path: string) =>
    setOpen((old) => {
      const next = new Set(old);
      if (!next.delete(path)) next.add(path);
      return next;
    });
  const place: NestedPlace = { organizationId, range, measure, order, dimensions, whole: summary, open, toggle, requestsHref, exploreHref };
  return (
    <Table
      label={`${MEASURE_INFO[measure].label} by ${dimensions.map((each) => DIMENSION_LABELS[each].one).join(", then ")}`}
      className="mt-4"
    >
      <TableHead>
        <TableRow>
          <TableHeaderCell>{dimensions.map((each) => DIMENSION_LABELS[each].one).join(" › ")}</TableHeaderCell>
          <TableHeaderCell numeric>{MEASURE_INFO[measure].label}</TableHeaderCell>
          {isAdditive(measure) ? (
            <TableHeaderCell numeric className="max-sm:hidden">
              Share
            </TableHeaderCell>
          ) : null}
          {range.compare ? <TableHeaderCell numeric>Change</TableHeaderCell> : null}
          <TableHeaderCell numeric className="max-sm:hidden">
            Requests
          </TableHeaderCell>
          <TableHeaderCell className="w-10">
            <span className="sr-only">Requests behind it</span>
          </TableHeaderCell>
        </TableRow>
      </TableHead>
      <TableBody>
        {rows.map((entry) => {
          const narrowed = withFilter(filters, dimension, [entry.key]);
          const path = JSON.stringify([entry.key]);
          const isOpen = open.has(path);
          return [
            <NestedRow
              key={path}
              level={0}
              label={entry.label}
              isUnset={entry.key === ""}
              row={entry.row}
              change={entry.change}
              place={place}
              isOpen={isOpen}
              inside={inner[0] ?? null}
              onToggle={() => toggle(path)}
              requestsHref={requestsHref(narrowed)}
            />,
            isOpen ? <NestedRows key={`${path} inside`} place={place} level={1} path={[entry.key]} filters={narrowed} /> : null,
          ];
        })}
      </TableBody>
    </Table>
  );
}
