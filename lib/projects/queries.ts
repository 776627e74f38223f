import { toAppError } from "../core/database-errors.ts";
import type { Db } from "../supabase/db.ts";

export type Project = { id: string; slug: string; name: string; team_id: string | null; team_name: string | null; created_at: string };

type Row = Omit<Project, "team_name"> & { teams: { name: string } | null };

export const projectsKey = (organizationId: string) => ["projects", organizationId] as const;

/** The projects of an organization by name, with the team each belongs to. */
export async function listProjects(db: Db, organizationId: string): Promise<Project[]> {
  const { data, error } = await db
    .from("projects")
    .select("id, slug, name, team_id, created_at, teams(name)")
    .eq("organization_id", organizationId)
    .order("name");
  if (error) throw toAppError(error);
  return (data as unknown as Row[]).map(({ teams, ...project }) => ({ ...project, team_name: teams?.name ?? null }));
}
