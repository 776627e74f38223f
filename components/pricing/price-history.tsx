import { Badge } from "@/components/ui/badge.tsx";
import { Table, TableBody, TableCell, TableHead, TableHeaderCell, TableRow } from "@/components/ui/table.tsx";
import { formatDate } from "@/lib/core/time.ts";
import type { PricePast } from "@/lib/pricing/queries.ts";
import { rateWords, unitWords } from "@/lib/pricing/rules.ts";
import { Conditions, STATE_WORDS } from "./price-table.tsx";
import { Source } from "./source.tsx";
import { validityWords } from "./validity-words.ts";

/** Every row of the book for one model: when it was charged, and when that was believed. */
export function PriceHistory({ rows, timeZone }: { rows: readonly PricePast[]; timeZone: string }) {
  if (rows.length === 0) return <p className="text-muted text-sm">The list has no price; what was agreed is under Agreements.</p>;
  return (
    <Table label="History of prices" className="min-w-[30rem]">
      <TableHead className="static">
        <tr>
          <TableHeaderCell>Unit</TableHeaderCell>
          <TableHeaderCell numeric>Rate</TableHeaderCell>
          <TableHeaderCell>Charged</TableHeaderCell>
          <TableHeaderCell>Source</TableHeaderCell>
        </tr>
      </TableHead>
      <TableBody>
        {rows.map((row) => (
          <TableRow key={row.id}>
            <TableCell className="py-1 align-top">
              {unitWords(row.unit)}
              <Conditions row={row} />
            </TableCell>
            <TableCell numeric className="py-1 align-top">
              {rateWords(row.unit, row.rate, row.per)}
            </TableCell>
            <TableCell className="py-1 align-top text-xs">
              {validityWords(row, timeZone)}
              {row.state === "current" ? null : (
                <span className="mt-0.5 block">
                  <Badge tone={row.state === "future" ? "info" : "neutral"}>{STATE_WORDS[row.state]}</Badge>
                </span>
              )}
              {row.known_to ? <span className="block text-muted">believed until {formatDate(row.known_to, timeZone)}</span> : null}
            </TableCell>
            <TableCell className="max-w-40 py-1 align-top">
              <Source source={row.source} checkedOn={row.source_checked_on} knownFrom={row.known_from} timeZone={timeZone} />
            </TableCell>
          </TableRow>
        ))}
      </TableBody>
    </Table>
  );
}
