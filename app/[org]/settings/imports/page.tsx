import type { Metadata } from "next";
import { ImportsPage } from "@/components/imports/imports-page.tsx";
import { NoPermission } from "@/components/ui/no-permission.tsx";
import { PageHeader } from "@/components/ui/section.tsx";
import { listImports } from "@/lib/imports/queries.ts";
import { organizationWith } from "@/lib/orgs/current.ts";

export const metadata: Metadata = { title: "Import" };

export default async function ImportsSettingsPage({ params }: { params: Promise<{ org: string }> }) {
  const { organization, db, allowed } = await organizationWith((await params).org, "api_keys.read");
  if (!allowed) return <NoPermission what="Imports" />;
  const imports = await listImports(db, organization.id);
  return (
    <>
      <PageHeader
        title="Import"
        description="Usage from files: exports of providers, proxies and observability tools, or any table. Every row counts once, however often it is imported."
      />
      <ImportsPage initial={imports} now={Date.now()} />
    </>
  );
}
