import type { Metadata } from "next";
import { TeamsList } from "@/components/teams/teams-list.tsx";
import { CreateButton } from "@/components/ui/create-button.tsx";
import { NoPermission } from "@/components/ui/no-permission.tsx";
import { PageHeader } from "@/components/ui/section.tsx";
import { organizationWith } from "@/lib/orgs/current.ts";
import { listTeams } from "@/lib/teams/queries.ts";

export const metadata: Metadata = { title: "Teams" };

export default async function TeamsPage({ params }: { params: Promise<{ org: string }> }) {
  const { organization, permissions, db, allowed } = await organizationWith((await params).org, "teams.read");
  if (!allowed) return <NoPermission what="teams" />;
  return (
    <>
      <PageHeader
        title="Teams"
        description="Groups of people that costs are attributed to."
        actions={permissions.has("teams.write") ? <CreateButton label="Create team" /> : null}
      />
      <TeamsList initial={await listTeams(db, organization.id)} />
    </>
  );
}
