import { toAppError } from "../core/database-errors.ts";
import type { Db } from "../supabase/db.ts";

export type Team = { id: string; slug: string; name: string; created_at: string; member_ids: string[]; projects: number };

export const teamsKey = (organizationId: string) => ["teams", organizationId] as const;

/** The teams of an organization by name, with who is in them and how many projects they have. */
export async function listTeams(db: Db, organizationId: string): Promise<Team[]> {
  // Projects are asked beside and not inside: other tables hold a team and a project too, so "the projects of a team" is ambiguous.
  const [teams, projects] = await Promise.all([
    db.from("teams").select("id, slug, name, created_at, team_members(user_id)").eq("organization_id", organizationId).order("name"),
    db.from("projects").select("team_id").eq("organization_id", organizationId),
  ]);
  if (teams.error) throw toAppError(teams.error);
  if (projects.error) throw toAppError(projects.error);
  return teams.data.map(({ team_members, ...team }) => ({
    ...team,
    member_ids: team_members.map(({ user_id }) => user_id),
    projects: projects.data.filter(({ team_id }) => team_id === team.id).length,
  }));
}
