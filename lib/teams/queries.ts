import { toAppError } from "../core/database-errors.ts";
import type { Db } from "../supabase/db.ts";

export type Team = { id: string; slug: string; name: string; created_at: string; member_ids: string[]; projects: number };

type Row = Omit<Team, "member_ids" | "projects"> & { team_members: { user_id: string }[]; projects: { id: string }[] };

export const teamsKey = (organizationId: string) => ["teams", organizationId] as const;

/** The teams of an organization by name, with who is in them and how many projects they have. */
export async function listTeams(db: Db, organizationId: string): Promise<Team[]> {
  const { data, error } = await db
    .from("teams")
    .select("id, slug, name, created_at, team_members(user_id), projects(id)")
    .eq("organization_id", organizationId)
    .order("name");
  if (error) throw toAppError(error);
  return (data as Row[]).map(({ team_members, projects, ...team }) => ({
    ...team,
    member_ids: team_members.map(({ user_id }) => user_id),
    projects: projects.length,
  }));
}
