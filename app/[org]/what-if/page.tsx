import { dehydrate, HydrationBoundary } from "@tanstack/react-query";
import type { Metadata } from "next";
import { NoUsagePermission } from "@/components/usage/no-usage-permission.tsx";
import { WhatIfPage } from "@/components/what-if/what-if-page.tsx";
import { parseRangeChoice, resolveRange } from "@/lib/core/time-range.ts";
import { organizationWith } from "@/lib/orgs/current.ts";
import { whatIfQuery } from "@/lib/pricing/queries.ts";
import { readScenario } from "@/lib/pricing/scenario.ts";
import { makeQueryClient } from "@/lib/supabase/query-client.ts";
import { readFilters } from "@/lib/usage/filters.ts";
import { type SearchParams, toUrlParams } from "@/lib/usage/search-params.ts";

export const metadata: Metadata = { title: "What-if" };

export default async function Page({ params, searchParams }: { params: Promise<{ org: string }>; searchParams: SearchParams }) {
  const { organization, permissions, db, allowed } = await organizationWith((await params).org, "usage.read");
  if (!allowed || !permissions.has("prices.read")) return <NoUsagePermission page="What-if" />;
  const now = new Date().toISOString();
  const query = toUrlParams(await searchParams);
  const { from, to } = resolveRange(parseRangeChoice(query), organization.time_zone, now);
  const client = makeQueryClient();
  const question = whatIfQuery({ organizationId: organization.id, from, to, filters: readFilters(query), scenario: readScenario(query) });
  await client.prefetchQuery({ queryKey: question.key, queryFn: () => question.run(db), retry: false });
  return (
    <HydrationBoundary state={dehydrate(client)}>
      <WhatIfPage now={now} />
    </HydrationBoundary>
  );
}
