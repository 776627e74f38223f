import type { Metadata } from "next";
import { RulesList } from "@/components/attribution/rules-list.tsx";
import { CreateButton } from "@/components/ui/create-button.tsx";
import { NoPermission } from "@/components/ui/no-permission.tsx";
import { PageHeader } from "@/components/ui/section.tsx";
import { listApiKeys } from "@/lib/api-keys/queries.ts";
import { listAttributionRules } from "@/lib/attribution/queries.ts";
import { organizationWith } from "@/lib/orgs/current.ts";
import { listProjects } from "@/lib/projects/queries.ts";
import { listTeams } from "@/lib/teams/queries.ts";

export const metadata: Metadata = { title: "Attribution" };

const named = (things: readonly { id: string; name: string }[]) => things.map(({ id, name }) => ({ id, name }));

export default async function AttributionPage({ params }: { params: Promise<{ org: string }> }) {
  const { organization, permissions, db, allowed } = await organizationWith((await params).org, "teams.read");
  if (!allowed) return <NoPermission what="attribution rules" />;
  const [rules, teams, projects, apiKeys] = await Promise.all([
    listAttributionRules(db, organization.id),
    listTeams(db, organization.id),
    listProjects(db, organization.id),
    permissions.has("api_keys.read") ? listApiKeys(db, organization.id) : [],
  ]);
  return (
    <>
      <PageHeader
        title="Attribution"
        description="Whose usage is that nobody named: the first rule that usage meets gives it a team or project."
        actions={permissions.has("teams.write") ? <CreateButton label="Create rule" /> : null}
      />
      <RulesList initial={rules} teams={named(teams)} projects={named(projects)} apiKeys={named(apiKeys)} />
    </>
  );
}
