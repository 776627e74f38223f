import { dehydrate, HydrationBoundary } from "@tanstack/react-query";
import type { Metadata } from "next";
import { readPriceFilter, readPriceRows } from "@/components/pricing/price-filter.ts";
import { PricesPage } from "@/components/pricing/prices-page.tsx";
import { NoPermission } from "@/components/ui/no-permission.tsx";
import { organizationWith } from "@/lib/orgs/current.ts";
import { heldPricesQuery, periodsQuery, reRatingsQuery } from "@/lib/pricing/history.ts";
import {
  commitmentsQuery,
  overridesQuery,
  type PriceQuery,
  priceDetailsQuery,
  priceFacetsQuery,
  pricesQuery,
  unpricedModelsQuery,
} from "@/lib/pricing/queries.ts";
import { makeQueryClient } from "@/lib/supabase/query-client.ts";
import { type SearchParams, toUrlParams } from "@/lib/usage/search-params.ts";

export const metadata: Metadata = { title: "Prices" };

export default async function Page({ params, searchParams }: { params: Promise<{ org: string }>; searchParams: SearchParams }) {
  const { organization, permissions, db, allowed } = await organizationWith((await params).org, "prices.read");
  if (!allowed) return <NoPermission what="prices" />;
  const query = toUrlParams(await searchParams);
  const get = (name: string) => query.get(name) ?? "";
  const client = makeQueryClient();
  const ask = (question: PriceQuery<unknown>) =>
    client.prefetchQuery({ queryKey: question.key, queryFn: () => question.run(db), retry: false });
  const opened = get("price");
  const cut = opened.indexOf("/");
  const seesUsage = permissions.has("usage.read");
  const ofTab: PriceQuery<unknown>[] = {
    agreements: [overridesQuery(organization.id), ...(seesUsage ? [commitmentsQuery(organization.id)] : [])],
    unpriced: [],
    history: seesUsage ? [reRatingsQuery(organization.id), periodsQuery(organization.id)] : [],
    held: [heldPricesQuery(organization.id)],
  }[get("tab")] ?? [pricesQuery(organization.id, readPriceFilter(get), readPriceRows(get))];
  await Promise.all([
    ask(priceFacetsQuery(organization.id)),
    seesUsage ? ask(unpricedModelsQuery(organization.id)) : null,
    ...ofTab.map(ask),
    opened ? ask(priceDetailsQuery(organization.id, opened.slice(0, cut), opened.slice(cut + 1))) : null,
  ]);
  return (
    <HydrationBoundary state={dehydrate(client)}>
      <PricesPage now={new Date().toISOString()} />
    </HydrationBoundary>
  );
}
