import { dehydrate, HydrationBoundary } from "@tanstack/react-query";
import type { Metadata } from "next";
import { ReconciliationPage } from "@/components/reconciliation/reconciliation-page.tsx";
import { NoPermission } from "@/components/ui/no-permission.tsx";
import { listConnections } from "@/lib/connections/queries.ts";
import { organizationWith } from "@/lib/orgs/current.ts";
import { journalQuery, linesQuery, summaryQuery } from "@/lib/reconciliation/queries.ts";
import { readScope } from "@/lib/reconciliation/rules.ts";
import { makeQueryClient } from "@/lib/supabase/query-client.ts";
import { type SearchParams, toUrlParams } from "@/lib/usage/search-params.ts";

export const metadata: Metadata = { title: "Reconciliation" };

export default async function Page({ params, searchParams }: { params: Promise<{ org: string }>; searchParams: SearchParams }) {
  const { organization, db, allowed } = await organizationWith((await params).org, "connections.read");
  if (!allowed) return <NoPermission what="Reconciliation" />;
  const today = new Date().toISOString().slice(0, 10);
  const query = toUrlParams(await searchParams);
  const scope = readScope(query, organization.id, today);
  const client = makeQueryClient();
  const ask = ({ queryKey, queryFn }: { queryKey: readonly unknown[]; queryFn: (client: typeof db) => Promise<unknown> }) =>
    client.prefetchQuery({ queryKey, queryFn: () => queryFn(db), retry: false });
  const [connections] = await Promise.all([
    listConnections(db, organization.id),
    ask(linesQuery(scope, query.get("order") || "day", 200)),
    ask(summaryQuery(scope)),
    ask(journalQuery(organization.id)),
  ]);
  return (
    <HydrationBoundary state={dehydrate(client)}>
      <ReconciliationPage today={today} hasConnections={connections.length > 0} />
    </HydrationBoundary>
  );
}
