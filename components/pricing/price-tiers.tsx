import { Table, TableBody, TableCell, TableHead, TableHeaderCell, TableRow } from "@/components/ui/table.tsx";
import type { PriceLine } from "@/lib/pricing/queries.ts";
import { rateWords, unitWords } from "@/lib/pricing/rules.ts";

/** Units by tier, each with how its rate comes about. */
export function PriceTiers({ lines }: { lines: readonly PriceLine[] }) {
  if (lines.length === 0) return <p className="text-muted text-sm">No price is in force at this moment.</p>;
  return (
    <Table label="Rates by tier">
      <TableHead className="static">
        <tr>
          <TableHeaderCell>Tier</TableHeaderCell>
          <TableHeaderCell>Unit</TableHeaderCell>
          <TableHeaderCell numeric>Rate</TableHeaderCell>
        </tr>
      </TableHead>
      <TableBody>
        {lines.map((line, index) => (
          <TableRow key={`${line.service_tier} ${line.unit}`}>
            <TableCell className="h-8 py-1 align-top">
              {lines[index - 1]?.service_tier === line.service_tier ? (
                <span className="sr-only">{line.service_tier}</span>
              ) : (
                line.service_tier
              )}
            </TableCell>
            <TableCell className="h-8 py-1 align-top">
              {unitWords(line.unit)}
              <span className="block text-muted text-xs">{chain(line)}</span>
            </TableCell>
            <TableCell numeric className="h-8 py-1 align-top">
              {rateWords(line.unit, line.rate, line.per)}
            </TableCell>
          </TableRow>
        ))}
      </TableBody>
    </Table>
  );
}

function chain({ multipliers, discount_percent, contract_id, is_estimated, list_rate, unit, per, rate }: PriceLine): string {
  return [
    contract_id === null ? "" : `agreed${list_rate === null ? "" : `, list ${rateWords(unit, list_rate, per)}`}`,
    contract_id === null && list_rate !== rate && list_rate !== null ? `list ${rateWords(unit, list_rate, per)}` : "",
    ...multipliers.map(({ label, factor }) => `× ${factor} ${label}`),
    discount_percent === null ? "" : `${discount_percent} % off`,
    is_estimated ? "no price for this tier is known: the standard one stands in, as an estimate" : "",
  ]
    .filter(Boolean)
    .join(" · ");
}
