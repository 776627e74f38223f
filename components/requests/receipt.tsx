import { ExactText } from "@/components/charts/exact-text.tsx";
import { Table, TableBody, TableCell, TableHead, TableHeaderCell, TableRow } from "@/components/ui/table.tsx";
import { formatMoneyExact, formatRate } from "@/lib/core/money.ts";
import { COST_STATUS_LABELS } from "@/lib/usage/dimensions.ts";
import { type ReceiptLine, type UsageRecord, unitLabel } from "@/lib/usage/record.ts";

/** How a cost came about: quantity × rate = amount, line by line, and their sum, which is the stored cost to the last digit. */
export function Receipt({ record }: { record: UsageRecord }) {
  const { receipt, card, cost, cost_status: status } = record;
  if (cost === null) {
    return (
      <p className="rounded-md border border-warning/25 bg-warning-soft px-3 py-2 text-sm">
        No price is known for <span className="font-medium">{record.model}</span> at {record.provider} at that time, so its cost is unknown,
        not zero. It is priced by itself as soon as a price arrives.
      </p>
    );
  }
  return (
    <div>
      <Table label="Receipt">
        <TableHead className="static">
          <TableRow>
            <TableHeaderCell>Unit</TableHeaderCell>
            <TableHeaderCell numeric>Quantity</TableHeaderCell>
            <TableHeaderCell numeric>× Rate</TableHeaderCell>
            <TableHeaderCell numeric>= Amount</TableHeaderCell>
          </TableRow>
        </TableHead>
        <TableBody>
          {receipt.map((line) => (
            <TableRow key={`${line.unit} ${line.rate}`}>
              <TableCell className="h-8 py-1">
                {unitLabel(line.unit)}
                {line.notes.length > 0 ? <span className="block text-muted text-xs">{line.notes.join(" · ")}</span> : null}
              </TableCell>
              <TableCell numeric className="h-8 py-1 align-top">
                {groupDecimal(line.billedQuantity)}
                {line.billedQuantity === line.quantity ? null : (
                  <span className="block text-muted text-xs">billed for {groupDecimal(line.quantity)}</span>
                )}
              </TableCell>
              <TableCell numeric className="h-8 py-1 align-top text-muted">
                {formatRate(line.rate, line.per, line.unit.endsWith("_tokens"))}
              </TableCell>
              <TableCell numeric className="h-8 py-1 align-top">
                {formatMoneyExact(line.amount)}
              </TableCell>
            </TableRow>
          ))}
        </TableBody>
        <tfoot>
          <TableRow className="border-border border-t-2 font-medium">
            <TableCell colSpan={3} className="h-9 py-1">
              Cost{status === "exact" ? "" : `, ${(COST_STATUS_LABELS[status] ?? status).toLowerCase()}`}
            </TableCell>
            <TableCell numeric className="h-9 py-1">
              <ExactText text={formatMoneyExact(cost)} />
            </TableCell>
          </TableRow>
        </tfoot>
      </Table>
      {card ? (
        <p className="mt-2 text-muted text-xs">
          Priced as <span className="text-ink">{card.model}</span> on {card.platform}
          {card.matchedAlias && card.matchedAlias !== card.model ? ` (known as ${card.matchedAlias})` : ""}
          {card.serviceTier ? `, ${card.serviceTier} tier` : ""}
          {card.region ? `, ${card.region}` : ""} · price card {card.id}
          <Sources lines={receipt} />
        </p>
      ) : null}
    </div>
  );
}

function Sources({ lines }: { lines: readonly ReceiptLine[] }) {
  const sources = [...new Set(lines.map((line) => line.source).filter((source) => source !== null))];
  if (sources.length === 0) return null;
  return <> · price from {sources.join(", ")}</>;
}

function groupDecimal(text: string): string {
  const [whole = "", fraction] = text.split(".");
  const rest = fraction?.replace(/0+$/, "");
  return whole.replace(/\B(?=(\d{3})+(?!\d))/g, ",") + (rest ? `.${rest}` : "");
}
