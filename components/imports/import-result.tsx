"use client";
import { Banner } from "@/components/ui/banner.tsx";
import { Section } from "@/components/ui/section.tsx";
import { Table, TableBody, TableCell, TableHead, TableHeaderCell, TableRow } from "@/components/ui/table.tsx";
import { formatExact } from "@/lib/core/numbers.ts";
import type { ImportDocument } from "@/lib/imports/schema.ts";
import { CostComparisonTable } from "./cost-comparison-table.tsx";

const counted = (count: number, one: string, many = `${one}s`): string => `${formatExact(count)} ${count === 1 ? one : many}`;

function outcome({ is_dry_run, accepted, duplicates, rejected, skipped }: ImportDocument): string {
  const parts = [
    is_dry_run ? `${counted(accepted, "event")} would be stored` : `${counted(accepted, "event")} stored`,
    duplicates > 0 ? `${formatExact(duplicates)} known before` : null,
    rejected > 0 ? `${counted(rejected, "row")} refused` : null,
    skipped > 0 ? `${counted(skipped, "row")} left out on purpose` : null,
  ];
  return `${parts.filter((part) => part !== null).join(", ")}.`;
}

function Problems({ document }: { document: ImportDocument }) {
  const { problems, rejected, skipped } = document;
  if (problems.length === 0) return null;
  const rest = rejected + skipped - problems.length;
  return (
    <Section
      title="Rows that were not taken"
      description={rest > 0 ? `The first ${problems.length}; ${formatExact(rest)} more.` : undefined}
    >
      <Table label="Rows that were not taken" containerClassName="max-h-96 overflow-y-auto">
        <TableHead className="static bg-transparent">
          <tr>
            <TableHeaderCell numeric>Line</TableHeaderCell>
            <TableHeaderCell>What is wrong</TableHeaderCell>
          </tr>
        </TableHead>
        <TableBody>
          {problems.map(({ line, code, message }) => (
            <TableRow key={`${line} ${code}`}>
              <TableCell numeric className="w-20">
                {formatExact(line)}
              </TableCell>
              <TableCell>
                <span dir="auto">{message}</span> <code className="text-muted text-xs">{code}</code>
              </TableCell>
            </TableRow>
          ))}
        </TableBody>
      </Table>
    </Section>
  );
}

/** What became of an import or a dry run. */
export function ImportResult({ document }: { document: ImportDocument }) {
  return (
    <>
      <Banner
        tone={document.rejected > 0 ? "warning" : "ok"}
        title={document.is_dry_run ? "Dry run: nothing was stored" : "Imported"}
        className="mb-6"
      >
        {counted(document.rows_read, "row")} read. {outcome(document)}
      </Banner>
      {document.comparison.length > 0 ? (
        <Section
          title="Their cost and ours"
          description="Per model and reason of the difference. Totals compare what has both; what has no price is in neither."
        >
          <CostComparisonTable document={document} />
        </Section>
      ) : null}
      <Problems document={document} />
    </>
  );
}
