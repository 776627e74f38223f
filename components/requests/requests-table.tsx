"use client";
import { cn } from "@/components/ui/cn.ts";
import { Table, TableBody, TableCell, TableHead, TableHeaderCell, TableRow } from "@/components/ui/table.tsx";
import { RequestCost } from "@/components/usage/request-cost.tsx";
import { StatusMark } from "@/components/usage/status-mark.tsx";
import { formatCount, formatExact, formatLatency } from "@/lib/core/numbers.ts";
import { formatDateTime, formatTime, inZone, MONTHS } from "@/lib/core/time.ts";
import type { RequestRow } from "@/lib/usage/rows.ts";

type RequestsTableProps = { rows: readonly RequestRow[]; timeZone: string; opened: string | null; onOpen: (requestId: string) => void };

/** On a phone: when, which model, what it cost; the rest as room allows. */
export function RequestsTable({ rows, timeZone, opened, onOpen }: RequestsTableProps) {
  return (
    <Table label="Requests" className="table-fixed">
      <TableHead>
        <TableRow>
          <TableHeaderCell className="w-28 lg:w-36">Time</TableHeaderCell>
          <TableHeaderCell className="lg:w-[28%]">Model</TableHeaderCell>
          <TableHeaderCell className="max-lg:hidden">Feature</TableHeaderCell>
          <TableHeaderCell className="max-2xl:hidden">Team · Project</TableHeaderCell>
          <TableHeaderCell className="max-3xl:hidden">End user</TableHeaderCell>
          <TableHeaderCell numeric className="w-36 max-xl:hidden">
            Tokens in → out
          </TableHeaderCell>
          <TableHeaderCell numeric className="w-24 max-lg:hidden">
            Latency
          </TableHeaderCell>
          <TableHeaderCell numeric className="w-28">
            Cost
          </TableHeaderCell>
        </TableRow>
      </TableHead>
      <TableBody>
        {rows.map((row) => (
          <TableRow key={row.id} interactive aria-selected={row.request_id === opened} onClick={() => onOpen(row.request_id)}>
            <TableCell className="h-9 py-1">
              <button
                type="button"
                className="figures whitespace-nowrap text-start text-muted hover:text-ink max-lg:text-xs"
                aria-label={`Open request ${row.request_id} of ${formatDateTime(row.timestamp, timeZone)}`}
                title={formatDateTime(row.timestamp, timeZone)}
                onClick={(event) => {
                  event.stopPropagation();
                  onOpen(row.request_id);
                }}
              >
                {shortDay(row.timestamp, timeZone)} {formatTime(row.timestamp, timeZone)}
                <span className="max-lg:hidden">:{seconds(row.timestamp, timeZone)}</span>
              </button>
            </TableCell>
            <TableCell className="h-9 py-1">
              <span className="flex min-w-0 items-center gap-2">
                <StatusMark status={row.status} code={row.error_code} />
                <span className="truncate" dir="auto" title={`${row.provider} / ${row.model}`}>
                  {row.model}
                </span>
                <span className="shrink-[999] truncate text-muted text-xs max-sm:hidden">{row.provider}</span>
              </span>
            </TableCell>
            <TextCell className="max-lg:hidden" text={row.feature} />
            <TextCell className="max-2xl:hidden" text={[row.team_name, row.project_name].filter(Boolean).join(" · ") || null} />
            <TextCell className="max-3xl:hidden" text={row.end_user} />
            <TableCell
              numeric
              className="h-9 py-1 max-xl:hidden"
              title={`${formatExact(row.input_tokens)} in, ${formatExact(row.output_tokens)} out`}
            >
              {formatCount(row.input_tokens)} <span className="text-muted">→</span> {formatCount(row.output_tokens)}
            </TableCell>
            <TableCell numeric className="h-9 py-1 max-lg:hidden">
              {formatLatency(row.latency_ms)}
            </TableCell>
            <TableCell numeric className="h-9 py-1">
              <RequestCost cost={row.cost} status={row.cost_status} />
            </TableCell>
          </TableRow>
        ))}
      </TableBody>
    </Table>
  );
}

function TextCell({ text, className }: { text: string | null; className: string }) {
  return (
    <TableCell className={cn("h-9 py-1", className)} title={text ?? undefined}>
      {text === null ? (
        <span className="text-muted">–</span>
      ) : (
        <span className="block w-fit max-w-full truncate" dir="auto">
          {text}
        </span>
      )}
    </TableCell>
  );
}

function seconds(timestamp: string, timeZone: string): string {
  return formatTime(timestamp, timeZone, true).slice(-2);
}

function shortDay(timestamp: string, timeZone: string): string {
  const at = inZone(timestamp, timeZone);
  return `${at.day} ${MONTHS[at.month - 1]}`;
}
