import { HydrationBoundary } from "@tanstack/react-query";
import type { Metadata } from "next";
import { RequestsPage } from "@/components/requests/requests-page.tsx";
import { NoUsagePermission } from "@/components/usage/no-usage-permission.tsx";
import { parseRangeChoice, resolveRange } from "@/lib/core/time-range.ts";
import { organizationWith } from "@/lib/orgs/current.ts";
import { readFilters } from "@/lib/usage/filters.ts";
import { REQUESTS_PAGE } from "@/lib/usage/picture.ts";
import { prefetchUsage } from "@/lib/usage/prefetch.ts";
import { requestQuery, requestsQuery } from "@/lib/usage/queries.ts";
import { type SearchParams, toUrlParams } from "@/lib/usage/search-params.ts";

export const metadata: Metadata = { title: "Requests" };

export default async function Page({ params, searchParams }: { params: Promise<{ org: string }>; searchParams: SearchParams }) {
  const { organization, db, allowed } = await organizationWith((await params).org, "usage.read");
  if (!allowed) return <NoUsagePermission page="the requests" />;
  const now = new Date().toISOString();
  const query = toUrlParams(await searchParams);
  const { from, to } = resolveRange(parseRangeChoice(query), organization.time_zone, now);
  const opened = query.get("request");
  const state = await prefetchUsage(db, [
    requestsQuery({
      organizationId: organization.id,
      from,
      to,
      filters: readFilters(query),
      search: query.get("q") || null,
      limit: REQUESTS_PAGE,
    }),
    opened ? requestQuery(organization.id, opened) : null,
  ]);
  return (
    <HydrationBoundary state={state}>
      <RequestsPage now={now} />
    </HydrationBoundary>
  );
}
