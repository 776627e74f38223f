import { HydrationBoundary } from "@tanstack/react-query";
import type { Metadata } from "next";
import { ExplorePage } from "@/components/explore/explore-page.tsx";
import { readExploreState } from "@/components/explore/explore-state.ts";
import { NoUsagePermission } from "@/components/usage/no-usage-permission.tsx";
import { parseRangeChoice, resolveRange } from "@/lib/core/time-range.ts";
import { organizationWith } from "@/lib/orgs/current.ts";
import { readFilters } from "@/lib/usage/filters.ts";
import { measureFilters } from "@/lib/usage/measures.ts";
import { pictureQueries } from "@/lib/usage/picture.ts";
import { prefetchUsage } from "@/lib/usage/prefetch.ts";
import { type SearchParams, toUrlParams } from "@/lib/usage/search-params.ts";

export const metadata: Metadata = { title: "Explore" };

export default async function Page({ params, searchParams }: { params: Promise<{ org: string }>; searchParams: SearchParams }) {
  const { organization, db, allowed } = await organizationWith((await params).org, "usage.read");
  if (!allowed) return <NoUsagePermission page="Explore" />;
  const now = new Date().toISOString();
  const query = toUrlParams(await searchParams);
  const state = readExploreState(query);
  const range = resolveRange(parseRangeChoice(query), organization.time_zone, now);
  const picture = pictureQueries({
    organizationId: organization.id,
    range,
    dimension: state.dimension,
    filters: measureFilters(state.measure, readFilters(query)),
    order: state.order,
    rows: state.rows,
    measures: "all",
    now,
  });
  const dehydrated = await prefetchUsage(db, [
    picture.parts,
    picture.totals,
    picture.previous,
    picture.table,
    picture.summary,
    picture.roster,
    picture.earlierSummary,
    ["cost", "waste", "requests"].includes(state.measure) ? null : picture.earlierTable,
  ]);
  return (
    <HydrationBoundary state={dehydrated}>
      <ExplorePage now={now} />
    </HydrationBoundary>
  );
}
