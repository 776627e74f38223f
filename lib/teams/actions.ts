"use server";
import { z } from "zod";
import { done, failed, failedBy, failedFields, type Result } from "../core/result.ts";
import { TeamInput } from "../orgs/schema.ts";
import { createServerDb } from "../supabase/server.ts";

const taken = "This slug is taken by another team. Choose another one.";
const Save = TeamInput.extend({ organization_id: z.uuid(), id: z.union([z.uuid(), z.literal("")]) });

/** Makes a team, or with an `id` changes it. */
export async function saveTeam(form: FormData): Promise<Result> {
  const input = Save.safeParse(Object.fromEntries(form));
  if (!input.success) return failedFields(input.error.issues);
  const { id, organization_id, ...team } = input.data;
  const db = await createServerDb();
  const teams = db.from("teams");
  const { data, error } = await (id
    ? teams.update(team).eq("organization_id", organization_id).eq("id", id)
    : teams.insert({ organization_id, ...team })
  ).select("id");
  if (error) return error.code === "23505" ? failed("conflict", taken, { slug: taken }) : failedBy(error);
  return data.length > 0 ? done(null) : failed("not_found", "This team is gone, or your role may not change it.");
}

export async function deleteTeam(organizationId: string, id: string): Promise<Result> {
  const db = await createServerDb();
  const { data, error } = await db.from("teams").delete().eq("organization_id", organizationId).eq("id", id).select("id");
  if (error) return failedBy(error);
  return data.length > 0 ? done(null) : failed("not_found", "This team is gone, or your role may not delete it.");
}

/** Puts a member of the organization into a team or takes them out. Doing it twice is fine. */
export async function setTeamMember(organizationId: string, teamId: string, userId: string, isMember: boolean): Promise<Result> {
  const db = await createServerDb();
  const members = db.from("team_members");
  const row = { organization_id: organizationId, team_id: teamId, user_id: userId };
  const { error } = await (isMember ? members.insert(row) : members.delete().match(row));
  return error && error.code !== "23505" ? failedBy(error) : done(null);
}
