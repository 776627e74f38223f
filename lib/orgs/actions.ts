"use server";
import { revalidatePath } from "next/cache";
import { z } from "zod";
import { done, failed, failedBy, failedFields, type Result } from "../core/result.ts";
import { createServerDb } from "../supabase/server.ts";
import { OrganizationInput } from "./schema.ts";

/** Makes an organization with the caller as its owner. An empty slug is made of the name. */
export async function createOrganization(form: FormData): Promise<Result<{ slug: string }>> {
  const { slug, ...typed } = Object.fromEntries(form);
  const input = OrganizationInput.safeParse(slug ? { ...typed, slug } : typed);
  if (!input.success) return failedFields(input.error.issues);
  const db = await createServerDb();
  const { data, error } = await db
    .rpc("create_organization", { p_name: input.data.name, p_slug: input.data.slug, p_time_zone: input.data.time_zone })
    .single<{ slug: string }>();
  return error ? failedBy(error) : done({ slug: data.slug });
}

/** Lets the caller look around in the demo organization. */
export async function joinDemoOrganization(): Promise<Result<{ slug: string }>> {
  const db = await createServerDb();
  const { data, error } = await db.rpc("join_demo_organization");
  return error ? failedBy(error) : done({ slug: data });
}

/** Takes the demo away: deleted for its owner, left by anyone else. */
export async function removeDemoOrganization(organizationId: string): Promise<Result> {
  const db = await createServerDb();
  const { error } = await db.rpc("remove_demo_organization", { p_organization_id: organizationId });
  if (error) return failedBy(error);
  revalidatePath("/", "layout");
  return done(null);
}

const OrganizationChange = OrganizationInput.omit({ slug: true }).extend({ organization_id: z.uuid() });

export async function updateOrganization(form: FormData): Promise<Result> {
  const input = OrganizationChange.safeParse(Object.fromEntries(form));
  if (!input.success) return failedFields(input.error.issues);
  const { organization_id, ...change } = input.data;
  const db = await createServerDb();
  const { data, error } = await db.from("organizations").update(change).eq("id", organization_id).select("id");
  if (error) return failedBy(error);
  if (data.length === 0) return failed("forbidden", "Only an owner may change this.");
  revalidatePath("/", "layout");
  return done(null);
}

/** Deletes the organization with everything in it; the slug is what the person typed. */
export async function deleteOrganization(organizationId: string, typedSlug: string): Promise<Result> {
  const db = await createServerDb();
  const { error } = await db.rpc("delete_organization", { p_organization_id: organizationId, p_slug: typedSlug });
  if (error) return failedBy(error);
  revalidatePath("/", "layout");
  return done(null);
}
