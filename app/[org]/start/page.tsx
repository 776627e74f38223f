import { HydrationBoundary } from "@tanstack/react-query";
import type { Metadata } from "next";
import { StartPage } from "@/components/start/start-page.tsx";
import { requireOrganization } from "@/lib/orgs/current.ts";
import { siteUrl } from "@/lib/supabase/settings.ts";
import { prefetchUsage } from "@/lib/usage/prefetch.ts";
import { pulseQuery } from "@/lib/usage/queries.ts";

export const metadata: Metadata = { title: "First event" };

export default async function Page({ params }: { params: Promise<{ org: string }> }) {
  const { organization, db } = await requireOrganization((await params).org);
  const [state, keys] = await Promise.all([
    prefetchUsage(db, [pulseQuery(organization.id, "page")]),
    db.from("api_keys").select("id", { count: "exact", head: true }).eq("organization_id", organization.id),
  ]);
  return (
    <HydrationBoundary state={state}>
      <StartPage now={new Date().toISOString()} siteUrl={siteUrl()} existingKeys={keys.count ?? 1} />
    </HydrationBoundary>
  );
}
