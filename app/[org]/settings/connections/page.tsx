import type { Metadata } from "next";
import { ConnectionsList } from "@/components/connections/connections-list.tsx";
import { CreateButton } from "@/components/ui/create-button.tsx";
import { NoPermission } from "@/components/ui/no-permission.tsx";
import { PageHeader } from "@/components/ui/section.tsx";
import { listApiKeys } from "@/lib/api-keys/queries.ts";
import { listConnections } from "@/lib/connections/queries.ts";
import { organizationWith } from "@/lib/orgs/current.ts";

export const metadata: Metadata = { title: "Connections" };

export default async function ConnectionsPage({ params }: { params: Promise<{ org: string }> }) {
  const { organization, permissions, db, allowed } = await organizationWith((await params).org, "connections.read");
  if (!allowed) return <NoPermission what="Connections" />;
  const [connections, apiKeys] = await Promise.all([
    listConnections(db, organization.id),
    permissions.has("api_keys.read") ? listApiKeys(db, organization.id) : [],
  ]);
  return (
    <>
      <PageHeader
        title="Connections"
        description="Providers whose bills are fetched every 15 minutes, so that they can be compared with what you tracked."
        actions={permissions.has("connections.write") ? <CreateButton label="Connect a provider" /> : null}
      />
      <ConnectionsList initial={connections} apiKeys={apiKeys.map(({ id, name }) => ({ id, name }))} />
    </>
  );
}
