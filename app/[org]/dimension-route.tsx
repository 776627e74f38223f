import { HydrationBoundary } from "@tanstack/react-query";
import { DimensionPage } from "@/components/explore/dimension-page.tsx";
import { NoUsagePermission } from "@/components/usage/no-usage-permission.tsx";
import { parseRangeChoice, resolveRange } from "@/lib/core/time-range.ts";
import { organizationWith } from "@/lib/orgs/current.ts";
import { DIMENSION_VIEWS, type DimensionView, readViewState, viewQueries } from "@/lib/usage/dimension-view.ts";
import { readFilters } from "@/lib/usage/filters.ts";
import { prefetchUsage } from "@/lib/usage/prefetch.ts";
import { type SearchParams, toUrlParams } from "@/lib/usage/search-params.ts";

export type RouteProps = { params: Promise<{ org: string }>; searchParams: SearchParams };

/** What the pages of teams, projects, people, models and providers have in common: all of it but the name. */
export async function DimensionRoute({ view, params, searchParams }: RouteProps & { view: DimensionView }) {
  const { organization, db, allowed } = await organizationWith((await params).org, "usage.read");
  const { dimension, title } = DIMENSION_VIEWS[view];
  if (!allowed) return <NoUsagePermission page={title} />;
  const now = new Date().toISOString();
  const query = toUrlParams(await searchParams);
  const range = resolveRange(parseRangeChoice(query), organization.time_zone, now);
  const { table, summary, earlierSummary } = viewQueries({
    organizationId: organization.id,
    range,
    dimension,
    filters: readFilters(query),
    ...readViewState(query),
  });
  return (
    <HydrationBoundary state={await prefetchUsage(db, [table, summary, earlierSummary])}>
      <DimensionPage view={view} now={now} />
    </HydrationBoundary>
  );
}
