import type { Metadata } from "next";
import { AuditLogList } from "@/components/audit-log/audit-log-list.tsx";
import { readAuditFilter } from "@/components/audit-log/read-audit-filter.ts";
import { NoPermission } from "@/components/ui/no-permission.tsx";
import { PageHeader } from "@/components/ui/section.tsx";
import { listAuditLog } from "@/lib/audit-log/queries.ts";
import { organizationWith } from "@/lib/orgs/current.ts";

export const metadata: Metadata = { title: "Audit log" };

type Props = { params: Promise<{ org: string }>; searchParams: Promise<Record<string, string | string[] | undefined>> };

export default async function AuditLogPage({ params, searchParams }: Props) {
  const { organization, db, allowed } = await organizationWith((await params).org, "audit.read");
  if (!allowed) return <NoPermission what="the audit log" />;
  const given = await searchParams;
  const filter = readAuditFilter((name) => [given[name]].flat()[0] ?? "", organization.time_zone);
  const page = await listAuditLog(db, organization.id, filter, null);
  return (
    <>
      <PageHeader
        title="Audit log"
        description={`Every change of configuration: who, what, from what to what. Times in ${organization.time_zone}.`}
      />
      <AuditLogList initial={{ filter, page }} />
    </>
  );
}
