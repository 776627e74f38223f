import { toAppError } from "../core/database-errors.ts";
import type { Db } from "../supabase/db.ts";

export type Project = { id: string; slug: string; name: string; team_id: string | null; team_name: string | null; created_at: string };

export const projectsKey = (organizationId: string) => ["projects", organizationId] as const;

/** The projects of an organization by name, with the team each belongs to. */
export async function listProjects(db: Db, organizationId: string): Promise<Project[]> {
  // Teams are asked beside and not inside: other tables hold a team and a project too, so "the team of a project" is ambiguous.
  const [projects, teams] = await Promise.all([
    db.from("projects").select("id, slug, name, team_id, created_at").eq("organization_id", organizationId).order("name"),
    db.from("teams").select("id, name").eq("organization_id", organizationId),
  ]);
  if (projects.error) throw toAppError(projects.error);
  if (teams.error) throw toAppError(teams.error);
  const names = new Map(teams.data.map(({ id, name }) => [id, name]));
  return projects.data.map((project) => ({
    ...project,
    team_name: project.team_id === null ? null : (names.get(project.team_id) ?? null),
  }));
}
