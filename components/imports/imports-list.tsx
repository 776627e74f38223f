"use client";
import { FileClock } from "lucide-react";
import { Badge, Status } from "@/components/ui/badge.tsx";
import { Button } from "@/components/ui/button.tsx";
import { type Column, DataList } from "@/components/ui/data-list.tsx";
import { EmptyState } from "@/components/ui/empty-state.tsx";
import { RelativeTime } from "@/components/ui/relative-time.tsx";
import { formatExact } from "@/lib/core/numbers.ts";
import { formatDateTime } from "@/lib/core/time.ts";
import { adapterOf } from "@/lib/imports/adapters/known.ts";
import type { ImportSummary } from "@/lib/imports/queries.ts";
import { formatBytes } from "./format-bytes.ts";

type ImportsListProps = { imports: ImportSummary[]; timeZone: string; now: number; onOpen: (id: string) => void };

const restsAfterMs = 2 * 60_000;

/** Running, but nothing was heard of it for a while: the tab was closed, or the machine sleeps. */
const isResting = ({ status, updated_at }: ImportSummary, now: number): boolean =>
  status === "running" && now - Date.parse(updated_at) > restsAfterMs;

function stateOf(row: ImportSummary, now: number) {
  if (row.status === "done") return { tone: "ok" as const, label: "Done" };
  if (row.status === "failed") return { tone: "critical" as const, label: "Failed" };
  return isResting(row, now) ? { tone: "warning" as const, label: "Interrupted" } : { tone: "info" as const, label: "Running" };
}

/** What was brought in, by whom it matters and how it ended; opens on its details. */
export function ImportsList({ imports, timeZone, now, onOpen }: ImportsListProps) {
  const columns: Column<ImportSummary>[] = [
    {
      id: "file",
      header: "File",
      text: ({ file_name }) => file_name,
      cell: ({ id, file_name, file_bytes, is_dry_run }) => (
        <span className="flex min-w-40 max-w-72 items-center gap-2">
          <Button variant="link" onClick={() => onOpen(id)} className="min-w-0 shrink">
            <span className="truncate" dir="auto" title={file_name}>
              {file_name}
            </span>
          </Button>
          {is_dry_run ? <Badge>Dry run</Badge> : null}
          <span className="whitespace-nowrap text-muted text-xs">{formatBytes(file_bytes)}</span>
        </span>
      ),
    },
    {
      id: "state",
      header: "State",
      text: (row) => stateOf(row, now).label,
      cell: (row) => <Status tone={stateOf(row, now).tone}>{stateOf(row, now).label}</Status>,
    },
    { id: "kind", header: "Kind", text: ({ adapter }) => adapterOf(adapter)?.label ?? adapter },
    {
      id: "stored",
      header: "Stored",
      numeric: true,
      text: (row) => (row.is_dry_run ? "" : String(row.accepted)),
      cell: (row) => (row.is_dry_run ? "–" : formatExact(row.accepted)),
    },
    {
      id: "known",
      header: "Known before",
      numeric: true,
      text: (row) => String(row.duplicates),
      cell: (row) => formatExact(row.duplicates),
    },
    { id: "refused", header: "Refused", numeric: true, text: (row) => String(row.rejected), cell: (row) => formatExact(row.rejected) },
    { id: "out", header: "Left out", numeric: true, text: (row) => String(row.skipped), cell: (row) => formatExact(row.skipped) },
    {
      id: "started",
      header: "Started",
      text: ({ created_at }) => formatDateTime(created_at, timeZone),
      cell: ({ created_at }) => <RelativeTime at={created_at} timeZone={timeZone} />,
    },
  ];
  return (
    <DataList
      rows={imports}
      rowKey={({ id }) => id}
      columns={columns}
      label="Imports"
      noun="imports"
      empty={
        <EmptyState icon={<FileClock />} title="Nothing was imported yet">
          History from a proxy, an observability tool or a provider's console gives the first month its numbers. A dry run shows what it
          would cost here, beside what the file says, and stores nothing.
        </EmptyState>
      }
    />
  );
}
