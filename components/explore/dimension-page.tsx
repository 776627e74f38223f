"use client";
import { Download } from "lucide-react";
import Link from "next/link";
import { ViewsMenu } from "@/components/saved-views/views-menu.tsx";
import { Button, buttonStyles } from "@/components/ui/button.tsx";
import { cn } from "@/components/ui/cn.ts";
import { saveCsv } from "@/components/ui/download.ts";
import { LoadMore } from "@/components/ui/load-more.tsx";
import { PageHeader } from "@/components/ui/section.tsx";
import { TableSkeleton } from "@/components/ui/skeleton.tsx";
import { FilterBar } from "@/components/usage/filter-bar.tsx";
import { NothingInRange } from "@/components/usage/nothing-in-range.tsx";
import { QueryError } from "@/components/usage/query-error.tsx";
import { useOrganization } from "@/lib/orgs/hooks.ts";
import {
  DIMENSION_VIEWS,
  type DimensionView,
  readViewState,
  VIEW_MAX_ROWS,
  VIEW_ROWS,
  type ViewOrder,
  viewQueries,
  writeViewState,
} from "@/lib/usage/dimension-view.ts";
import { DIMENSION_LABELS } from "@/lib/usage/dimensions.ts";
import { countFilters, withFilter } from "@/lib/usage/filters.ts";
import { useFilters, useTimeRange, useUrlState, useUsage } from "@/lib/usage/hooks.ts";
import { usageHref } from "@/lib/usage/links.ts";
import { dimensionCsv } from "./dimension-csv.ts";
import { DimensionTable } from "./dimension-table.tsx";
import { nextDimension } from "./explore-state.ts";
import { NoFit } from "./no-fit.tsx";

/** Where the things of a dimension are made and named, and who may look there. */
const MANAGED: Partial<Record<DimensionView, { page: string; permission: string }>> = {
  teams: { page: "teams", permission: "teams.read" },
  projects: { page: "projects", permission: "projects.read" },
};

/** The organization from the side of one dimension: what each of its values costs and how it fares; a row opens in Explore. */
export function DimensionPage({ view, now }: { view: DimensionView; now: string }) {
  const { organization, permissions } = useOrganization();
  const { choice, range, setChoice } = useTimeRange(now, organization.time_zone);
  const { filters, setFilters } = useFilters();
  const { params, update } = useUrlState();
  const { dimension, title, answers } = DIMENSION_VIEWS[view];
  const state = readViewState(params);
  const place = { organizationId: organization.id, range, dimension, filters };
  const queries = viewQueries({ ...place, ...state });
  const table = useUsage(queries.table);
  const summary = useUsage(queries.summary);
  const earlier = useUsage(queries.earlierSummary ?? queries.summary, { enabled: queries.earlierSummary !== null });
  const rows = table.data;
  const isPending = table.isPlaceholderData || summary.isPlaceholderData;
  const error = table.error ?? summary.error;
  const isEmpty = rows !== undefined && !isPending && rows.length === 0;
  const managed = MANAGED[view];
  const by = nextDimension(dimension, filters) ?? dimension;
  const setOrder = (order: ViewOrder) => update((old) => writeViewState(old, { order }));
  return (
    <>
      <PageHeader
        title={title}
        description={answers}
        actions={
          <>
            <ViewsMenu />
            {managed && permissions.includes(managed.permission) ? (
              <Link href={`/${organization.slug}/settings/${managed.page}`} className={buttonStyles({})}>
                Manage {title.toLowerCase()}
              </Link>
            ) : null}
            <Button disabled={!rows || isEmpty} onClick={() => rows && saveCsv(`${view}.csv`, dimensionCsv(rows, dimension))}>
              <Download aria-hidden />
              CSV
            </Button>
          </>
        }
      >
        <FilterBar organizationId={organization.id} range={range} filters={filters} onFilters={setFilters} />
      </PageHeader>
      {error ? <QueryError error={error} what={title} onRetry={() => Promise.all([table.refetch(), summary.refetch()])} /> : null}
      {!rows && !error ? <TableSkeleton rows={8} columns={["w-48", "w-20", "w-14", "w-24", "w-24"]} /> : null}
      {isEmpty ? (
        countFilters(filters) > 0 ? (
          <NoFit onClear={() => setFilters({})} />
        ) : (
          <NothingInRange organizationId={organization.id} slug={organization.slug} timeZone={range.timeZone} onRange={setChoice} />
        )
      ) : null}
      {rows && rows.length > 0 ? (
        <div aria-busy={isPending} className={cn("transition-opacity", isPending && "opacity-50")}>
          <DimensionTable
            {...place}
            rows={rows}
            summary={summary.data ?? null}
            earlierSummary={range.compare ? (earlier.data ?? null) : null}
            order={state.order}
            onOrder={setOrder}
            hrefOf={(key) => usageHref(organization.slug, "explore", choice, withFilter(filters, dimension, [key]), { by })}
          />
          <LoadMore
            shown={rows.length}
            noun={DIMENSION_LABELS[dimension].many.toLowerCase()}
            hasMore={(rows[0]?.total_rows ?? 0) > rows.length && rows.length < VIEW_MAX_ROWS}
            pending={isPending}
            onLoadMore={() => update((old) => writeViewState(old, { rows: Math.min(VIEW_MAX_ROWS, state.rows + VIEW_ROWS) }), "replace")}
          />
        </div>
      ) : null}
    </>
  );
}
