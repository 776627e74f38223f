import { Badge } from "@/components/ui/badge.tsx";
import { Table, TableBody, TableCell, TableHead, TableHeaderCell, TableRow } from "@/components/ui/table.tsx";
import type { PriceRow } from "@/lib/pricing/queries.ts";
import { contextWords, rateWords, unitWords } from "@/lib/pricing/rules.ts";
import { Source } from "./source.tsx";
import { validityWords } from "./validity-words.ts";

type PriceTableProps = { rows: readonly PriceRow[]; timeZone: string; onOpen: (row: PriceRow) => void };

/** Prices one by one; a model opens its history, names and tiers. */
export function PriceTable({ rows, timeZone, onOpen }: PriceTableProps) {
  return (
    <Table label="Prices" className="min-w-[48rem]">
      <TableHead>
        <tr>
          <TableHeaderCell>Model</TableHeaderCell>
          <TableHeaderCell>Unit</TableHeaderCell>
          <TableHeaderCell numeric>List</TableHeaderCell>
          <TableHeaderCell numeric>You pay</TableHeaderCell>
          <TableHeaderCell>In force</TableHeaderCell>
          <TableHeaderCell>Source</TableHeaderCell>
        </tr>
      </TableHead>
      <TableBody>
        {rows.map((row) => (
          <TableRow key={`${row.id} ${row.contract_id} ${row.unit}`} interactive onClick={() => onOpen(row)}>
            <TableCell className="max-w-56">
              <button
                type="button"
                className="block max-w-full truncate text-start font-medium hover:underline"
                title={row.model}
                onClick={(event) => {
                  event.stopPropagation();
                  onOpen(row);
                }}
              >
                {row.model}
              </button>
              <span className="block truncate text-muted text-xs">{row.provider}</span>
            </TableCell>
            <TableCell className="whitespace-nowrap">
              {unitWords(row.unit)}
              <Conditions row={row} />
            </TableCell>
            <TableCell numeric className={row.contracted_rate === null ? undefined : "text-muted"}>
              {row.list_rate === null ? <span className="text-muted">not listed</span> : rateWords(row.unit, row.list_rate, row.per)}
            </TableCell>
            <TableCell numeric>
              {row.contracted_rate === null ? (
                <span className="text-muted">list price</span>
              ) : (
                <>
                  <span className="font-medium">{rateWords(row.unit, row.contracted_rate, row.per)}</span>
                  <span className="block text-muted text-xs">{row.discount_percent ? `${row.discount_percent} % off` : "agreed rate"}</span>
                </>
              )}
            </TableCell>
            <TableCell className="whitespace-nowrap">
              {row.state === "current" ? null : <Badge tone={row.state === "future" ? "info" : "neutral"}>{STATE_WORDS[row.state]}</Badge>}
              <span className="block text-muted text-xs">{validityWords(row, timeZone)}</span>
            </TableCell>
            <TableCell className="max-w-40">
              <Source source={row.source} checkedOn={row.source_checked_on} knownFrom={row.known_from} timeZone={timeZone} />
            </TableCell>
          </TableRow>
        ))}
      </TableBody>
    </Table>
  );
}

export const STATE_WORDS: Record<PriceRow["state"], string> = {
  current: "in force",
  future: "to come",
  past: "ended",
  superseded: "superseded",
};

type Limits = Pick<PriceRow, "service_tier" | "region" | "min_input_tokens" | "max_input_tokens" | "is_windowed" | "time_zone">;

/** What a price depends on beside the unit: tier, place, size of the request, hours of the day. */
export function Conditions({ row }: { row: Limits }) {
  const words = [
    row.service_tier === "standard" ? "" : `${row.service_tier} tier`,
    row.region,
    contextWords(row.min_input_tokens, row.max_input_tokens),
    row.is_windowed ? `some hours (${row.time_zone})` : "",
  ].filter(Boolean);
  return words.length > 0 ? <span className="block text-muted text-xs">{words.join(" · ")}</span> : null;
}
