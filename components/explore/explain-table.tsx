import { cn } from "@/components/ui/cn.ts";
import { Table, TableBody, TableCell, TableHead, TableHeaderCell, TableRow } from "@/components/ui/table.tsx";
import { compareMoney, formatMoneyExact } from "@/lib/core/money.ts";
import { formatExact } from "@/lib/core/numbers.ts";
import { seriesLabel } from "@/lib/usage/chart.ts";
import { DIMENSION_LABELS, type Dimension } from "@/lib/usage/dimensions.ts";
import { CHANGE_PART_WORDS, CHANGE_PARTS, changeSentence, type ExplainedChange, formatSigned, isDust } from "@/lib/usage/explain.ts";

type ExplainTableProps = { rows: readonly ExplainedChange[]; dimension: Dimension; totalRows: number };

/** The same parts for every row of the dimension, the largest change first; each row sums to its own change. */
export function ExplainTable({ rows, dimension, totalRows }: ExplainTableProps) {
  const words = DIMENSION_LABELS[dimension];
  return (
    <div className="grid gap-2">
      <Table label={`Parts of the change by ${words.one}`}>
        <TableHead>
          <TableRow>
            <TableHeaderCell>{words.one}</TableHeaderCell>
            <TableHeaderCell numeric>Change</TableHeaderCell>
            {CHANGE_PARTS.map((part) => (
              <TableHeaderCell key={part} numeric title={CHANGE_PART_WORDS[part].meaning}>
                {CHANGE_PART_WORDS[part].label}
              </TableHeaderCell>
            ))}
          </TableRow>
        </TableHead>
        <TableBody>
          {rows.map((row) => (
            <TableRow key={row.key}>
              <TableCell className="h-9 w-full min-w-36 max-w-0 py-1">
                <span
                  className={cn("block truncate", row.key === "" && "text-muted italic")}
                  dir="auto"
                  title={`${seriesLabel(row.key, row.label, dimension)}. ${changeSentence(row)}`}
                >
                  {seriesLabel(row.key, row.label, dimension)}
                </span>
              </TableCell>
              <Amount amount={row.change} isStrong />
              {CHANGE_PARTS.map((part) => (
                <Amount key={part} amount={row[part]} />
              ))}
            </TableRow>
          ))}
        </TableBody>
      </Table>
      {totalRows > rows.length ? (
        <p className="text-muted text-xs">
          The {formatExact(rows.length)} largest changes of {formatExact(totalRows)}; the parts above count all of them.
        </p>
      ) : null}
    </div>
  );
}

function Amount({ amount, isStrong = false }: { amount: string; isStrong?: boolean }) {
  const isNothing = isDust(amount);
  return (
    <TableCell numeric className={cn("h-9 py-1", isStrong && "font-medium", isNothing && "text-muted")} title={formatMoneyExact(amount)}>
      {compareMoney(amount, "0") === 0 ? "–" : formatSigned(amount)}
    </TableCell>
  );
}
