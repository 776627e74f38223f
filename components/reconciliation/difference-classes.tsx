import { Table, TableBody, TableCell, TableHead, TableHeaderCell, TableRow } from "@/components/ui/table.tsx";
import type { ReconciliationSummary } from "@/lib/reconciliation/queries.ts";
import { classWords, differenceClasses } from "@/lib/reconciliation/schema.ts";
import { Amount } from "./amount.tsx";

/** The difference taken apart: each class, what it means and what it comes to. The parts sum to the whole. */
export function DifferenceClasses({ summary }: { summary: ReconciliationSummary }) {
  return (
    <Table label="Why the bill differs">
      <TableHead>
        <tr>
          <TableHeaderCell>Class</TableHeaderCell>
          <TableHeaderCell className="hidden sm:table-cell">Meaning</TableHeaderCell>
          <TableHeaderCell numeric>Amount</TableHeaderCell>
        </tr>
      </TableHead>
      <TableBody>
        {differenceClasses.map((name) => (
          <TableRow key={name}>
            <TableCell className="font-medium">
              {classWords[name].label}
              <span className="block font-normal text-muted text-xs sm:hidden">{classWords[name].meaning}</span>
            </TableCell>
            <TableCell className="hidden text-muted sm:table-cell">{classWords[name].meaning}</TableCell>
            <TableCell numeric>
              <Amount value={summary[name]} signed />
            </TableCell>
          </TableRow>
        ))}
        <TableRow>
          <TableCell className="font-semibold">Difference</TableCell>
          <TableCell className="hidden text-muted sm:table-cell">Billed, less what is tracked and in the journal.</TableCell>
          <TableCell numeric className="font-semibold">
            <Amount value={summary.difference} signed />
          </TableCell>
        </TableRow>
      </TableBody>
    </Table>
  );
}
