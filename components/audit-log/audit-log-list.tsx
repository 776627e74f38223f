"use client";
import { useInfiniteQuery } from "@tanstack/react-query";
import { ChevronRight, Download, ScrollText } from "lucide-react";
import { Fragment, useDeferredValue, useState } from "react";
import { Banner } from "@/components/ui/banner.tsx";
import { Button } from "@/components/ui/button.tsx";
import { FilterChip } from "@/components/ui/chip.tsx";
import { cn } from "@/components/ui/cn.ts";
import { downloadCsv } from "@/components/ui/download.ts";
import { EmptyState } from "@/components/ui/empty-state.tsx";
import { LoadMore } from "@/components/ui/load-more.tsx";
import { Table, TableBody, TableCell, TableHead, TableHeaderCell, TableRow } from "@/components/ui/table.tsx";
import { useUrlState } from "@/components/ui/use-url-state.ts";
import { AUDIT_PAGE, type AuditCursor, type AuditEntry, type AuditFilter, auditLogKey, listAuditLog } from "@/lib/audit-log/queries.ts";
import { actionWords, changesWords } from "@/lib/audit-log/rules.ts";
import { formatDateTime } from "@/lib/core/time.ts";
import { useOrganization } from "@/lib/orgs/hooks.ts";
import { useDb } from "@/lib/supabase/browser.ts";
import { AuditFilters } from "./audit-filters.tsx";
import { ChangeList } from "./change-list.tsx";
import { readAuditFilter } from "./read-audit-filter.ts";

/** The first page as the server read it, and the filter it is an answer to. */
type Initial = { filter: AuditFilter; page: AuditEntry[] };

export function AuditLogList({ initial }: { initial: Initial }) {
  const { organization } = useOrganization();
  const db = useDb();
  const url = useUrlState();
  const zone = organization.time_zone;
  const filter = readAuditFilter(url.get, zone);
  const shown = useDeferredValue(filter);
  const { data, error, refetch, fetchNextPage, hasNextPage, isFetchingNextPage, isPlaceholderData } = useInfiniteQuery({
    queryKey: auditLogKey(organization.id, shown),
    queryFn: ({ pageParam }) => listAuditLog(db, organization.id, shown, pageParam),
    initialPageParam: null as AuditCursor | null,
    getNextPageParam: (page) => (page.length === AUDIT_PAGE ? (page.at(-1) ?? null) : null),
    ...(JSON.stringify(shown) === JSON.stringify(initial.filter) ? { initialData: { pages: [initial.page], pageParams: [null] } } : {}),
  });
  const [openId, setOpenId] = useState<string>();
  const entries = data?.pages.flat() ?? [];
  const isFiltered = ["q", "entity", "actor", "from", "to"].some((name) => url.get(name));

  function exportCsv() {
    const header = ["Time", "Who", "Kind of actor", "Action", "What", "Id", "Changes", "Request id", "Address"];
    const rows = entries.map((entry) => [
      entry.occurred_at,
      entry.actor_label,
      entry.actor_type,
      entry.action,
      entry.entity_label,
      entry.entity_id,
      changesWords(entry.changes),
      entry.request_id,
      entry.ip,
    ]);
    downloadCsv("Audit log", header, rows);
  }

  return (
    <>
      <div className="mb-3 flex flex-wrap items-center gap-2">
        <AuditFilters />
        {filter.actor ? <FilterChip label="Who" value={filter.actor} onRemove={() => url.set({ actor: null })} /> : null}
        <Button size="sm" variant="ghost" className="ms-auto" onClick={exportCsv} disabled={entries.length === 0}>
          <Download aria-hidden />
          CSV
        </Button>
      </div>
      {error ? (
        <Banner
          tone="critical"
          actions={
            <Button size="sm" onClick={() => void refetch()}>
              Try again
            </Button>
          }
        >
          The log could not be read. {error.message}
        </Banner>
      ) : null}
      {entries.length === 0 && data ? (
        isFiltered ? (
          <EmptyState
            title="Nothing matches this filter."
            actions={
              <Button onClick={() => url.set({ q: null, entity: null, actor: null, from: null, to: null })}>Clear the filter</Button>
            }
          />
        ) : (
          <EmptyState icon={<ScrollText />} title="No changes yet">
            Every change of members, keys, teams, projects and settings will be listed here, with old and new values.
          </EmptyState>
        )
      ) : (
        <div className={cn(isPlaceholderData && "opacity-60")}>
          <Table label="Audit log" className="min-w-[44rem] table-fixed">
            <TableHead>
              <tr>
                <TableHeaderCell className="w-9">
                  <span className="sr-only">Details</span>
                </TableHeaderCell>
                <TableHeaderCell className="w-48">Time</TableHeaderCell>
                <TableHeaderCell>Who</TableHeaderCell>
                <TableHeaderCell className="w-44">Action</TableHeaderCell>
                <TableHeaderCell>What</TableHeaderCell>
              </tr>
            </TableHead>
            <TableBody>
              {entries.map((entry) => (
                <Entry
                  key={entry.id}
                  entry={entry}
                  zone={zone}
                  isOpen={openId === entry.id}
                  onToggle={() => setOpenId(openId === entry.id ? undefined : entry.id)}
                  onActor={() => url.set({ actor: entry.actor_label })}
                />
              ))}
            </TableBody>
          </Table>
          <LoadMore
            shown={entries.length}
            noun="entries"
            hasMore={hasNextPage}
            pending={isFetchingNextPage}
            onLoadMore={() => void fetchNextPage()}
          />
        </div>
      )}
    </>
  );
}

type EntryProps = { entry: AuditEntry; zone: string; isOpen: boolean; onToggle: () => void; onActor: () => void };

function Entry({ entry, zone, isOpen, onToggle, onActor }: EntryProps) {
  const detailsId = `change-${entry.id}`;
  const words = actionWords(entry.action);
  return (
    <Fragment>
      <TableRow className={isOpen ? "border-b-0" : undefined}>
        <TableCell>
          <button
            type="button"
            onClick={onToggle}
            aria-expanded={isOpen}
            aria-controls={detailsId}
            aria-label={`Details: ${words} ${entry.entity_label ?? ""}`}
            className="grid size-6 place-items-center rounded-sm text-muted hover:bg-hover"
          >
            <ChevronRight aria-hidden className={cn("size-4 transition-transform rtl:-scale-x-100", isOpen && "rotate-90")} />
          </button>
        </TableCell>
        <TableCell className="figures whitespace-nowrap">{formatDateTime(entry.occurred_at, zone)}</TableCell>
        <TableCell>
          <button
            type="button"
            onClick={onActor}
            className="block max-w-full truncate text-start hover:underline"
            title={`Only ${entry.actor_label}`}
          >
            {entry.actor_label}
          </button>
        </TableCell>
        <TableCell className="whitespace-nowrap">{words}</TableCell>
        <TableCell>
          <span className="block truncate" dir="auto" title={entry.entity_label ?? undefined}>
            {entry.entity_label ?? "–"}
          </span>
        </TableCell>
      </TableRow>
      {isOpen ? (
        <TableRow id={detailsId}>
          <TableCell />
          <TableCell colSpan={4} className="pb-4">
            <ChangeList changes={entry.changes} />
            <p className="mt-3 break-all text-muted text-xs">
              {entry.entity_type.replaceAll("_", " ")} <code>{entry.entity_id}</code>
              {entry.request_id ? (
                <>
                  {" "}
                  · request <code>{entry.request_id}</code>
                </>
              ) : null}
              {entry.ip ? ` · from ${entry.ip}` : null}
            </p>
          </TableCell>
        </TableRow>
      ) : null}
    </Fragment>
  );
}
