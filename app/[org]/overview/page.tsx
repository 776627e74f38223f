import { HydrationBoundary } from "@tanstack/react-query";
import type { Metadata } from "next";
import { NoUsagePermission } from "@/components/usage/no-usage-permission.tsx";
import { OverviewPage } from "@/components/usage/overview-page.tsx";
import { parseRangeChoice, resolveRange } from "@/lib/core/time-range.ts";
import { organizationWith } from "@/lib/orgs/current.ts";
import {
  figuresQueries,
  lastWeek,
  latestRequestsQuery,
  moversQuery,
  OVERVIEW_ROWS,
  overviewDimension,
  pictureQueries,
} from "@/lib/usage/picture.ts";
import { prefetchUsage } from "@/lib/usage/prefetch.ts";
import { type SearchParams, toUrlParams } from "@/lib/usage/search-params.ts";

export const metadata: Metadata = { title: "Overview" };

export default async function Page({ params, searchParams }: { params: Promise<{ org: string }>; searchParams: SearchParams }) {
  const { organization, db, allowed } = await organizationWith((await params).org, "usage.read");
  if (!allowed) return <NoUsagePermission page="the overview" />;
  const now = new Date().toISOString();
  const query = toUrlParams(await searchParams);
  const organizationId = organization.id;
  const range = resolveRange(parseRangeChoice(query), organization.time_zone, now);
  const dimension = overviewDimension(query);
  const picture = pictureQueries({
    organizationId,
    range,
    dimension,
    filters: {},
    order: "cost",
    rows: OVERVIEW_ROWS,
    measures: "cost",
    now,
  });
  const state = await prefetchUsage(db, [
    ...Object.values(figuresQueries({ organizationId, timeZone: organization.time_zone, now })),
    picture.parts,
    picture.totals,
    picture.previous,
    picture.table,
    picture.summary,
    picture.roster,
    picture.earlierSummary,
    moversQuery({ organizationId, range, dimension }),
    latestRequestsQuery({ organizationId, ...lastWeek(organization.time_zone, now) }),
  ]);
  return (
    <HydrationBoundary state={state}>
      <OverviewPage now={now} />
    </HydrationBoundary>
  );
}
