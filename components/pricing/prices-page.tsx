"use client";
import { Badge } from "@/components/ui/badge.tsx";
import { PageHeader } from "@/components/ui/section.tsx";
import { Tabs, TabsContent, TabsList, TabsTrigger } from "@/components/ui/tabs.tsx";
import { useUrlState } from "@/components/ui/use-url-state.ts";
import { formatDate } from "@/lib/core/time.ts";
import { useOrganization } from "@/lib/orgs/hooks.ts";
import { usePrices } from "@/lib/pricing/hooks.ts";
import { priceFacetsQuery, unpricedModelsQuery } from "@/lib/pricing/queries.ts";
import { Agreements } from "./agreements.tsx";
import { AsKnown } from "./as-known.tsx";
import { HeldList } from "./held-list.tsx";
import { Periods } from "./periods.tsx";
import { readPriceTab } from "./price-filter.ts";
import { PriceList } from "./price-list.tsx";
import { ReRatings } from "./re-ratings.tsx";
import { UnpricedList } from "./unpriced-list.tsx";

/** Every price, what this organization pays instead, and what has none. */
export function PricesPage({ now }: { now: string }) {
  const { organization, permissions } = useOrganization();
  const url = useUrlState();
  const seesUsage = permissions.includes("usage.read");
  const { data: facets } = usePrices(priceFacetsQuery(organization.id));
  const { data: unpriced } = usePrices(unpricedModelsQuery(organization.id), { enabled: seesUsage });
  const checked = facets?.checked_at ? ` List of ${formatDate(facets.checked_at, organization.time_zone)}.` : "";
  return (
    <>
      <PageHeader title="Prices" description={`What each unit of each model costs, when, and what was agreed instead.${checked}`} />
      <Tabs value={readPriceTab(url.get)} onValueChange={(tab) => url.set({ tab: tab === "list" ? null : tab })}>
        <TabsList aria-label="Prices">
          <TabsTrigger value="list">Price list</TabsTrigger>
          <TabsTrigger value="agreements">Agreements</TabsTrigger>
          {seesUsage ? (
            <TabsTrigger value="unpriced">Unpriced {unpriced?.length ? <Badge tone="warning">{unpriced.length}</Badge> : null}</TabsTrigger>
          ) : null}
          {seesUsage ? <TabsTrigger value="history">History</TabsTrigger> : null}
          <TabsTrigger value="held">Held changes</TabsTrigger>
        </TabsList>
        <TabsContent value="list">
          <PriceList />
        </TabsContent>
        <TabsContent value="agreements">
          <Agreements />
        </TabsContent>
        {seesUsage ? (
          <TabsContent value="unpriced">
            <UnpricedList />
          </TabsContent>
        ) : null}
        {seesUsage ? (
          <TabsContent value="history">
            <ReRatings />
            <AsKnown />
            <Periods now={now} />
          </TabsContent>
        ) : null}
        <TabsContent value="held">
          <HeldList />
        </TabsContent>
      </Tabs>
    </>
  );
}
