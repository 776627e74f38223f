"use client";
import { Download } from "lucide-react";
import { Button } from "@/components/ui/button.tsx";
import { cn } from "@/components/ui/cn.ts";
import { saveCsv } from "@/components/ui/download.ts";
import { LoadMore } from "@/components/ui/load-more.tsx";
import { PageHeader } from "@/components/ui/section.tsx";
import { TableSkeleton } from "@/components/ui/skeleton.tsx";
import { FilterBar } from "@/components/usage/filter-bar.tsx";
import { NewRowsButton } from "@/components/usage/new-rows-button.tsx";
import { NothingInRange } from "@/components/usage/nothing-in-range.tsx";
import { QueryError } from "@/components/usage/query-error.tsx";
import { useOrganization } from "@/lib/orgs/hooks.ts";
import { countFilters } from "@/lib/usage/filters.ts";
import { useFilters, useTimeRange, useUrlState } from "@/lib/usage/hooks.ts";
import { REQUESTS_PAGE } from "@/lib/usage/picture.ts";
import { NoMatch } from "./no-match.tsx";
import { RequestPanel } from "./request-panel.tsx";
import { requestsCsv } from "./requests-csv.ts";
import { RequestsTable } from "./requests-table.tsx";
import { SearchField } from "./search-field.tsx";
import { useRequestList } from "./use-request-list.ts";

/** Every call, newest first, with one call's receipt at the side. */
export function RequestsPage({ now }: { now: string }) {
  const { organization } = useOrganization();
  const { range, setChoice } = useTimeRange(now, organization.time_zone);
  const { filters, setFilters } = useFilters();
  const { params, update } = useUrlState();
  const search = params.get("q") ?? "";
  const opened = params.get("request");
  const list = useRequestList({
    organizationId: organization.id,
    from: range.from,
    to: range.to,
    filters,
    search: search || null,
    limit: REQUESTS_PAGE,
  });
  const isNarrowed = countFilters(filters) > 0 || search !== "";
  const open = (requestId: string | null) =>
    update((old) => {
      if (requestId === null) old.delete("request");
      else old.set("request", requestId);
      return old;
    });
  const find = (text: string) =>
    update((old) => {
      if (text === "") old.delete("q");
      else old.set("q", text);
      return old;
    }, "replace");
  return (
    <>
      <PageHeader
        title="Requests"
        description="Every call with what it used, how long it took and what it cost."
        actions={
          <Button
            disabled={list.rows.length === 0}
            onClick={() => saveCsv("requests.csv", requestsCsv(list.rows))}
            title="The rows shown below, with exact decimals"
          >
            <Download aria-hidden />
            CSV
          </Button>
        }
      >
        <FilterBar organizationId={organization.id} range={range} filters={filters} onFilters={setFilters}>
          <SearchField value={search} onSearch={find} />
        </FilterBar>
      </PageHeader>
      {list.error ? <QueryError error={list.error} what="The requests" onRetry={list.retry} /> : null}
      {list.isFirst ? <TableSkeleton rows={12} columns={["w-28", "w-40", "w-24", "w-20", "w-16", "w-16"]} /> : null}
      {!list.isFirst && !list.error && list.rows.length === 0 && !list.isPending ? (
        isNarrowed ? (
          <NoMatch
            onClear={() => {
              update((old) => {
                for (const name of [...old.keys()]) if (!["range", "from", "to", "compare", "grain"].includes(name)) old.delete(name);
                return old;
              });
            }}
          />
        ) : (
          <NothingInRange organizationId={organization.id} slug={organization.slug} timeZone={range.timeZone} onRange={setChoice} />
        )
      ) : null}
      {list.rows.length > 0 ? (
        <div className={cn("transition-opacity", list.isPending && "opacity-50")} aria-busy={list.isPending}>
          <div className="pointer-events-none sticky top-14 z-20 flex h-0 justify-center [&>*]:pointer-events-auto [&>*]:shadow-float">
            <NewRowsButton count={list.fresh} most={REQUESTS_PAGE} onShow={list.showFresh} />
          </div>
          <RequestsTable rows={list.rows} timeZone={range.timeZone} opened={opened} onOpen={open} />
          {list.olderError ? <QueryError error={list.olderError} what="Older requests" onRetry={list.loadMore} /> : null}
          <LoadMore
            shown={list.rows.length}
            noun="requests"
            hasMore={list.hasMore}
            pending={list.isLoadingMore}
            onLoadMore={list.loadMore}
          />
        </div>
      ) : null}
      <RequestPanel requestId={opened} organizationId={organization.id} timeZone={range.timeZone} onClose={() => open(null)} />
    </>
  );
}
