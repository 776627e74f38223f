import type { Metadata } from "next";
import { ProjectsList } from "@/components/projects/projects-list.tsx";
import { CreateButton } from "@/components/ui/create-button.tsx";
import { NoPermission } from "@/components/ui/no-permission.tsx";
import { PageHeader } from "@/components/ui/section.tsx";
import { organizationWith } from "@/lib/orgs/current.ts";
import { listProjects } from "@/lib/projects/queries.ts";
import { listTeams } from "@/lib/teams/queries.ts";

export const metadata: Metadata = { title: "Projects" };

export default async function ProjectsPage({ params }: { params: Promise<{ org: string }> }) {
  const { organization, permissions, db, allowed } = await organizationWith((await params).org, "projects.read");
  if (!allowed) return <NoPermission what="projects" />;
  const [projects, teams] = await Promise.all([listProjects(db, organization.id), listTeams(db, organization.id)]);
  return (
    <>
      <PageHeader
        title="Projects"
        description="Applications and workloads that costs are attributed to."
        actions={permissions.has("projects.write") ? <CreateButton label="Create project" /> : null}
      />
      <ProjectsList initial={projects} teams={teams.map(({ id, name }) => ({ id, name }))} />
    </>
  );
}
