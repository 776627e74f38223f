"use client";
import { Download } from "lucide-react";
import { Badge } from "@/components/ui/badge.tsx";
import { Button } from "@/components/ui/button.tsx";
import { downloadCsv } from "@/components/ui/download.ts";
import { Table, TableBody, TableCell, TableHead, TableHeaderCell, TableRow } from "@/components/ui/table.tsx";
import { providerNames } from "@/lib/connections/schema.ts";
import type { ReconciliationLine } from "@/lib/reconciliation/queries.ts";
import { classWords, componentWords, differenceClasses } from "@/lib/reconciliation/schema.ts";
import { Amount } from "./amount.tsx";

type LinesTableProps = { lines: readonly ReconciliationLine[]; order: string; onOrder: (order: string) => void };

const isNothing = (amount: string) => /^-?0(\.0*)?$/.test(amount);

/** One row per UTC day, line and key: tracked, journal, billed, difference, and the classes that explain it. */
export function LinesTable({ lines, order, onOrder }: LinesTableProps) {
  const sortable = (name: string) => ({ sort: order === name ? ("desc" as const) : ("none" as const), onSort: () => onOrder(name) });
  return (
    <Table label="Tracked and billed" containerClassName="max-h-[70dvh] overflow-auto">
      <TableHead>
        <tr>
          <TableHeaderCell {...sortable("day")}>Day (UTC)</TableHeaderCell>
          <TableHeaderCell {...sortable("model")}>Line</TableHeaderCell>
          <TableHeaderCell>Key</TableHeaderCell>
          <TableHeaderCell numeric {...sortable("tracked")}>
            Tracked
          </TableHeaderCell>
          <TableHeaderCell numeric>Journal</TableHeaderCell>
          <TableHeaderCell numeric {...sortable("billed")}>
            Billed
          </TableHeaderCell>
          <TableHeaderCell numeric {...sortable("difference")}>
            Difference
          </TableHeaderCell>
          <TableHeaderCell>Why</TableHeaderCell>
        </tr>
      </TableHead>
      <TableBody>
        {lines.map((line) => (
          <TableRow key={[line.provider, line.day, line.model, line.component, line.key].join(" ")}>
            <TableCell className="figures whitespace-nowrap">{line.day}</TableCell>
            <TableCell className="min-w-40">
              <span className="block max-w-56 truncate" title={`${line.model || "no model"}, ${componentWords[line.component]}`}>
                {line.model || providerNames[line.provider]}{" "}
                <span className="text-muted">{line.model ? componentWords[line.component] : "fees without a model"}</span>
              </span>
            </TableCell>
            <TableCell>
              <span className="block max-w-32 truncate" dir="auto" title={line.key_name}>
                {line.key_name || <span className="text-muted">not linked</span>}
              </span>
            </TableCell>
            <TableCell numeric>
              <Amount value={line.tracked} />
            </TableCell>
            <TableCell numeric>
              {isNothing(line.journaled) ? <span className="text-muted">–</span> : <Amount value={line.journaled} signed />}
            </TableCell>
            <TableCell numeric>
              <Amount value={line.billed} />
            </TableCell>
            <TableCell numeric className="font-medium">
              <Amount value={line.difference} signed />
            </TableCell>
            <TableCell>
              <span className="flex flex-wrap gap-1">
                {differenceClasses
                  .filter((name) => !isNothing(line[name]))
                  .map((name) => (
                    <Badge key={name} tone={name === "rounding" || name === "timing" ? "neutral" : "warning"}>
                      {classWords[name].label}
                    </Badge>
                  ))}
              </span>
            </TableCell>
          </TableRow>
        ))}
      </TableBody>
    </Table>
  );
}

/** The rows on screen as CSV, every digit. */
export function LinesCsvButton({ lines }: { lines: readonly ReconciliationLine[] }) {
  const header = ["Day (UTC)", "Provider", "Model", "Component", "Key", "Tracked", "Journal", "Billed", "Difference"];
  return (
    <Button
      size="sm"
      variant="ghost"
      disabled={lines.length === 0}
      onClick={() =>
        downloadCsv(
          "Reconciliation",
          [...header, ...differenceClasses.map((name) => classWords[name].label), "Tracked quantity", "Reported quantity", "Settled"],
          lines.map((line) => [
            ...[line.day, providerNames[line.provider], line.model, line.component, line.key_name],
            ...[line.tracked, line.journaled, line.billed, line.difference],
            ...differenceClasses.map((name) => line[name]),
            ...[line.tracked_quantity, line.billed_quantity, line.is_settled ? "yes" : "no"],
          ]),
        )
      }
    >
      <Download aria-hidden />
      CSV
    </Button>
  );
}
