"use server";
import { done, failedBy, failedFields, type Result } from "../core/result.ts";
import { createServerDb } from "../supabase/server.ts";
import { SavedViewForm } from "./schema.ts";

/** Keeps a view under its name; the same name again replaces it. */
export async function saveView(form: FormData): Promise<Result> {
  const input = SavedViewForm.safeParse(Object.fromEntries(form));
  if (!input.success) return failedFields(input.error.issues);
  const { organization_id, name, page, query, is_shared } = input.data;
  const { error } = await (await createServerDb()).rpc("save_view", {
    p_organization_id: organization_id,
    p_name: name,
    p_page: page,
    p_query: query,
    p_is_shared: is_shared === "on",
  });
  return error ? failedBy(error) : done(null);
}

export async function removeView(organizationId: string, id: string): Promise<Result> {
  const { error } = await (await createServerDb()).rpc("remove_view", { p_organization_id: organizationId, p_id: id });
  return error ? failedBy(error, { not_found: "This view is gone, or it is somebody else's." }) : done(null);
}
