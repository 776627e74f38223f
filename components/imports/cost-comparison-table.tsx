"use client";
import { Table, TableBody, TableCell, TableHead, TableHeaderCell, TableRow } from "@/components/ui/table.tsx";
import { Tooltip } from "@/components/ui/tooltip.tsx";
import { formatMoney, formatMoneyExact } from "@/lib/core/money.ts";
import { formatExact } from "@/lib/core/numbers.ts";
import { costReasons } from "@/lib/imports/reasons.ts";
import type { ImportDocument } from "@/lib/imports/schema.ts";

/** An amount, with all its digits on hover and focus; what is not there says so. */
function Amount({ amount, absent }: { amount: string | null; absent: string }) {
  if (amount === null) return <span className="text-muted">{absent}</span>;
  return (
    <Tooltip content={formatMoneyExact(amount)}>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: the exact amount must be reachable by keyboard */}
      <span tabIndex={0}>{formatMoney(amount)}</span>
    </Tooltip>
  );
}

/** Their cost beside ours, the largest difference first. */
export function CostComparisonTable({ document }: { document: ImportDocument }) {
  const { comparison, totals } = document;
  return (
    <Table label="Their cost and ours, by model">
      <TableHead className="static bg-transparent">
        <tr>
          <TableHeaderCell>Model, and why it differs</TableHeaderCell>
          <TableHeaderCell numeric>Events</TableHeaderCell>
          <TableHeaderCell numeric>Theirs</TableHeaderCell>
          <TableHeaderCell numeric>Ours</TableHeaderCell>
          <TableHeaderCell numeric>Ours − theirs</TableHeaderCell>
        </tr>
      </TableHead>
      <TableBody>
        {comparison.map((line) => (
          <TableRow key={[line.provider, line.model, line.service_tier, line.reason].join(" ")}>
            <TableCell className="min-w-36">
              <span dir="auto" className="break-words font-medium">
                {line.model}
              </span>{" "}
              <span className="whitespace-nowrap text-muted text-xs">
                {line.provider}
                {line.service_tier === null ? "" : ` · ${line.service_tier}`}
              </span>
              <Tooltip content={costReasons[line.reason].meaning}>
                {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what the reason means must be reachable by keyboard */}
                <span tabIndex={0} className="block w-fit text-muted text-xs underline decoration-dotted underline-offset-2">
                  {costReasons[line.reason].label}
                </span>
              </Tooltip>
            </TableCell>
            <TableCell numeric>{formatExact(line.events)}</TableCell>
            <TableCell numeric>
              <Amount amount={line.their_cost} absent="not told" />
            </TableCell>
            <TableCell numeric>
              <Amount amount={line.our_cost} absent="unpriced" />
            </TableCell>
            <TableCell numeric>
              <Amount amount={line.difference} absent="–" />
            </TableCell>
          </TableRow>
        ))}
        <TableRow>
          <TableCell className="font-medium">Total</TableCell>
          <TableCell numeric className="font-medium">
            {formatExact(comparison.reduce((sum, { events }) => sum + events, 0))}
          </TableCell>
          <TableCell numeric className="font-medium">
            <Amount amount={totals.their_cost} absent="not told" />
          </TableCell>
          <TableCell numeric className="font-medium">
            <Amount amount={totals.our_cost} absent="unpriced" />
          </TableCell>
          <TableCell numeric className="font-medium">
            <Amount amount={totals.difference} absent="–" />
          </TableCell>
        </TableRow>
      </TableBody>
    </Table>
  );
}
