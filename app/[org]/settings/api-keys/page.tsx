import type { Metadata } from "next";
import { ApiKeysList } from "@/components/api-keys/api-keys-list.tsx";
import { CreateButton } from "@/components/ui/create-button.tsx";
import { NoPermission } from "@/components/ui/no-permission.tsx";
import { PageHeader } from "@/components/ui/section.tsx";
import { listApiKeys } from "@/lib/api-keys/queries.ts";
import { organizationWith } from "@/lib/orgs/current.ts";
import { listProjects } from "@/lib/projects/queries.ts";
import { listTeams } from "@/lib/teams/queries.ts";

export const metadata: Metadata = { title: "API keys" };

export default async function ApiKeysPage({ params }: { params: Promise<{ org: string }> }) {
  const { organization, permissions, db, allowed } = await organizationWith((await params).org, "api_keys.read");
  if (!allowed) return <NoPermission what="API keys" />;
  const [keys, teams, projects] = await Promise.all([
    listApiKeys(db, organization.id),
    listTeams(db, organization.id),
    listProjects(db, organization.id),
  ]);
  const named = ({ id, name }: { id: string; name: string }) => ({ id, name });
  return (
    <>
      <PageHeader
        title="API keys"
        description="What applications show when they send usage or read costs. A key is shown once, when it is made."
        actions={permissions.has("api_keys.write") ? <CreateButton label="Create API key" /> : null}
      />
      <ApiKeysList initial={keys} teams={teams.map(named)} projects={projects.map(named)} now={Date.now()} />
    </>
  );
}
