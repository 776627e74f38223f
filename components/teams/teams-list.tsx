"use client";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { Users } from "lucide-react";
import { useState } from "react";
import { Button } from "@/components/ui/button.tsx";
import { ConfirmDialog } from "@/components/ui/confirm-dialog.tsx";
import { DataList } from "@/components/ui/data-list.tsx";
import { DropdownMenuItem } from "@/components/ui/dropdown-menu.tsx";
import { EmptyState } from "@/components/ui/empty-state.tsx";
import { createdColumn, slugColumn } from "@/components/ui/list-columns.tsx";
import { ChangeAndDelete, RowMenu } from "@/components/ui/row-menu.tsx";
import { toast } from "@/components/ui/toast.tsx";
import { useUrlState } from "@/components/ui/use-url-state.ts";
import { useOrganization, usePermission } from "@/lib/orgs/hooks.ts";
import { useDb } from "@/lib/supabase/browser.ts";
import { deleteTeam } from "@/lib/teams/actions.ts";
import { listTeams, type Team, teamsKey } from "@/lib/teams/queries.ts";
import { TeamDialog } from "./team-dialog.tsx";
import { TeamMembersSheet } from "./team-members-sheet.tsx";

export function TeamsList({ initial }: { initial: Team[] }) {
  const { organization } = useOrganization();
  const mayWrite = usePermission("teams.write");
  const db = useDb();
  const url = useUrlState();
  const queryClient = useQueryClient();
  const key = teamsKey(organization.id);
  const { data: teams } = useQuery({ queryKey: key, queryFn: () => listTeams(db, organization.id), initialData: initial });
  const [editing, setEditing] = useState<Team>();
  const [deleting, setDeleting] = useState<Team>();
  const shownTeam = teams.find(({ slug }) => slug === url.get("team"));

  async function remove(team: Team) {
    const result = await deleteTeam(organization.id, team.id);
    if (!result.ok) return result.error.message;
    toast({ title: `${team.name} was deleted` });
    await queryClient.invalidateQueries({ queryKey: key });
    return undefined;
  }

  return (
    <>
      <DataList
        rows={teams}
        rowKey={({ id }) => id}
        label="Teams"
        noun="teams"
        empty={
          <EmptyState
            icon={<Users />}
            title="No teams yet"
            actions={
              mayWrite ? (
                <Button variant="primary" onClick={() => url.set({ create: "1" })}>
                  Create team
                </Button>
              ) : undefined
            }
          >
            With teams you see who spends what: bind an API key or a project to a team, or send team_id with each event.
          </EmptyState>
        }
        columns={[
          {
            id: "name",
            header: "Name",
            text: ({ name }) => name,
            cell: ({ name, slug }) => (
              <button
                type="button"
                onClick={() => url.set({ team: slug })}
                className="max-w-72 truncate text-start font-medium hover:underline"
                dir="auto"
                title={name}
              >
                {name}
              </button>
            ),
          },
          slugColumn,
          { id: "members", header: "Members", numeric: true, text: ({ member_ids }) => String(member_ids.length) },
          { id: "projects", header: "Projects", numeric: true, text: ({ projects }) => String(projects) },
          createdColumn(organization.time_zone),
        ]}
        actions={(team) => (
          <RowMenu label={`Actions for ${team.name}`}>
            <DropdownMenuItem onSelect={() => url.set({ team: team.slug })}>
              <Users aria-hidden />
              Members
            </DropdownMenuItem>
            {mayWrite ? <ChangeAndDelete onChange={() => setEditing(team)} onDelete={() => setDeleting(team)} /> : null}
          </RowMenu>
        )}
      />
      {mayWrite && url.get("create") === "1" ? <TeamDialog onClose={() => url.set({ create: null })} /> : null}
      {editing ? <TeamDialog team={editing} onClose={() => setEditing(undefined)} /> : null}
      {shownTeam ? <TeamMembersSheet team={shownTeam} onClose={() => url.set({ team: null })} /> : null}
      {deleting ? (
        <ConfirmDialog
          open
          onOpenChange={() => setDeleting(undefined)}
          title={`Delete ${deleting.name}?`}
          consequences={
            <p>
              Its {deleting.member_ids.length} members stay in the organization; its {deleting.projects} projects and its keys stay without
              a team. Past costs stay in every total.
            </p>
          }
          confirmLabel="Delete team"
          onConfirm={() => remove(deleting)}
        />
      ) : null}
    </>
  );
}
