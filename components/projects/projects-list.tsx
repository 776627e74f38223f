"use client";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { FolderKanban } from "lucide-react";
import Link from "next/link";
import { useState } from "react";
import { Button } from "@/components/ui/button.tsx";
import { ConfirmDialog } from "@/components/ui/confirm-dialog.tsx";
import { DataList } from "@/components/ui/data-list.tsx";
import { EmptyState } from "@/components/ui/empty-state.tsx";
import { createdColumn, slugColumn } from "@/components/ui/list-columns.tsx";
import { ChangeAndDelete, RowMenu } from "@/components/ui/row-menu.tsx";
import { toast } from "@/components/ui/toast.tsx";
import { useUrlState } from "@/components/ui/use-url-state.ts";
import { useOrganization, usePermission } from "@/lib/orgs/hooks.ts";
import { deleteProject } from "@/lib/projects/actions.ts";
import { listProjects, type Project, projectsKey } from "@/lib/projects/queries.ts";
import { useDb } from "@/lib/supabase/browser.ts";
import type { Team } from "@/lib/teams/queries.ts";
import { ProjectDialog } from "./project-dialog.tsx";

const NO_TEAM = "none";

export function ProjectsList({ initial, teams }: { initial: Project[]; teams: Pick<Team, "id" | "name">[] }) {
  const { organization } = useOrganization();
  const mayWrite = usePermission("projects.write");
  const db = useDb();
  const url = useUrlState();
  const queryClient = useQueryClient();
  const key = projectsKey(organization.id);
  const { data: projects } = useQuery({ queryKey: key, queryFn: () => listProjects(db, organization.id), initialData: initial });
  const [editing, setEditing] = useState<Project>();
  const [deleting, setDeleting] = useState<Project>();

  async function remove(project: Project) {
    const result = await deleteProject(organization.id, project.id);
    if (!result.ok) return result.error.message;
    toast({ title: `${project.name} was deleted` });
    await queryClient.invalidateQueries({ queryKey: key });
    return undefined;
  }

  return (
    <>
      <DataList
        rows={projects}
        rowKey={({ id }) => id}
        label="Projects"
        noun="projects"
        facets={[
          {
            id: "team",
            label: "Team",
            all: "Every team",
            options: [...teams.map(({ id, name }) => ({ value: id, label: name })), { value: NO_TEAM, label: "No team" }],
            of: ({ team_id }) => team_id ?? NO_TEAM,
          },
        ]}
        empty={
          <EmptyState
            icon={<FolderKanban />}
            title="No projects yet"
            actions={
              mayWrite ? (
                <Button variant="primary" onClick={() => url.set({ create: "1" })}>
                  Create project
                </Button>
              ) : undefined
            }
          >
            A project is an application or workload. Bind an API key to it, or send project_id with each event.
          </EmptyState>
        }
        columns={[
          {
            id: "name",
            header: "Name",
            text: ({ name }) => name,
            cell: ({ id, name }) => (
              <Link
                href={`/${organization.slug}/explore?project=${id}`}
                className="block max-w-72 truncate font-medium hover:underline"
                dir="auto"
                title={name}
              >
                {name}
              </Link>
            ),
          },
          slugColumn,
          {
            id: "team",
            header: "Team",
            text: ({ team_name }) => team_name ?? "",
            cell: ({ team_name }) =>
              team_name ? (
                <span className="block max-w-56 truncate" dir="auto">
                  {team_name}
                </span>
              ) : (
                <span className="text-muted">no team</span>
              ),
          },
          createdColumn(organization.time_zone),
        ]}
        actions={
          mayWrite
            ? (project) => (
                <RowMenu label={`Actions for ${project.name}`}>
                  <ChangeAndDelete onChange={() => setEditing(project)} onDelete={() => setDeleting(project)} />
                </RowMenu>
              )
            : undefined
        }
      />
      {mayWrite && url.get("create") === "1" ? <ProjectDialog teams={teams} onClose={() => url.set({ create: null })} /> : null}
      {editing ? <ProjectDialog project={editing} teams={teams} onClose={() => setEditing(undefined)} /> : null}
      {deleting ? (
        <ConfirmDialog
          open
          onOpenChange={() => setDeleting(undefined)}
          title={`Delete ${deleting.name}?`}
          consequences={
            <p>
              API keys bound to it go on working without a project. Events that name it are refused from now on. Past costs stay in every
              total.
            </p>
          }
          confirmLabel="Delete project"
          onConfirm={() => remove(deleting)}
        />
      ) : null}
    </>
  );
}
