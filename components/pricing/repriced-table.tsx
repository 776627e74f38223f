import { Table, TableBody, TableCell, TableHead, TableHeaderCell, TableRow } from "@/components/ui/table.tsx";
import { compareMoney, formatMoney, formatMoneyExact, shareOf } from "@/lib/core/money.ts";
import { formatCount, formatPercent } from "@/lib/core/numbers.ts";
import type { Repriced } from "@/lib/pricing/repriced.ts";

type RepricedTableProps = { label: string; rows: readonly Repriced[]; now: string; after: string };

/** What parts of a slice cost, what they would have cost, and the difference; exact on hover. */
export function RepricedTable({ label, rows, now, after }: RepricedTableProps) {
  return (
    <Table label={`Difference by ${label.toLowerCase()}`}>
      <TableHead className="static">
        <tr>
          <TableHeaderCell>{label}</TableHeaderCell>
          <TableHeaderCell numeric>Requests</TableHeaderCell>
          <TableHeaderCell numeric>{now}</TableHeaderCell>
          <TableHeaderCell numeric>{after}</TableHeaderCell>
          <TableHeaderCell numeric>Difference</TableHeaderCell>
        </tr>
      </TableHead>
      <TableBody>
        {rows.map((row) => (
          <TableRow key={row.key}>
            <TableCell className="max-w-56">
              <span className="block truncate" dir="auto" title={row.label}>
                {row.label}
              </span>
            </TableCell>
            <TableCell numeric>{formatCount(row.compared_requests)}</TableCell>
            <TableCell numeric title={formatMoneyExact(row.cost)}>
              {formatMoney(row.cost)}
            </TableCell>
            <TableCell numeric title={formatMoneyExact(row.cost_then)}>
              {formatMoney(row.cost_then)}
            </TableCell>
            <TableCell numeric title={formatMoneyExact(row.difference)}>
              {signed(row.difference)}
              <span className="block text-muted text-xs">{percentWords(row)}</span>
            </TableCell>
          </TableRow>
        ))}
      </TableBody>
    </Table>
  );
}

/** `+$1.20`, `−$0.45`, `$0.00`: the sign says it, not the colour. */
export function signed(difference: string): string {
  return compareMoney(difference, "0") > 0 ? `+${formatMoney(difference)}` : formatMoney(difference);
}

export function percentWords({ difference, cost }: Pick<Repriced, "difference" | "cost">): string {
  const share = shareOf(difference, cost);
  if (share === null || share === 0) return share === 0 ? "no change" : "";
  return `${formatPercent(Math.abs(share))} ${share > 0 ? "more" : "less"}`;
}
