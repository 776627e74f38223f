"use server";
import { z } from "zod";
import { done, failed, failedBy, failedFields, type Result } from "../core/result.ts";
import { ProjectInput } from "../orgs/schema.ts";
import { createServerDb } from "../supabase/server.ts";

const taken = "This slug is taken by another project. Choose another one.";
const Save = ProjectInput.extend({ organization_id: z.uuid(), id: z.union([z.uuid(), z.literal("")]) });

/** Makes a project, or with an `id` changes it. `team_id` "none" = no team. */
export async function saveProject(form: FormData): Promise<Result> {
  const { team_id, ...typed } = Object.fromEntries(form);
  const input = Save.safeParse({ ...typed, team_id: team_id === "none" ? null : team_id });
  if (!input.success) return failedFields(input.error.issues);
  const { id, organization_id, ...project } = input.data;
  const db = await createServerDb();
  const projects = db.from("projects");
  const { data, error } = await (id
    ? projects.update(project).eq("organization_id", organization_id).eq("id", id)
    : projects.insert({ organization_id, ...project })
  ).select("id");
  if (error) return error.code === "23505" ? failed("conflict", taken, { slug: taken }) : failedBy(error);
  return data.length > 0 ? done(null) : failed("not_found", "This project is gone, or your role may not change it.");
}

export async function deleteProject(organizationId: string, id: string): Promise<Result> {
  const db = await createServerDb();
  const { data, error } = await db.from("projects").delete().eq("organization_id", organizationId).eq("id", id).select("id");
  if (error) return failedBy(error);
  return data.length > 0 ? done(null) : failed("not_found", "This project is gone, or your role may not delete it.");
}
