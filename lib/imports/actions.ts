"use server";
import { done, failedBy, type Result } from "../core/result.ts";
import { createServerDb } from "../supabase/server.ts";

/** A key for one import from this browser: it ends with the import, or a quarter of an hour after its last use. */
export async function createImportKey(organizationId: string, fileName: string): Promise<Result<{ id: string; key: string }>> {
  const db = await createServerDb();
  const { data, error } = await db.rpc("create_import_key", { p_organization_id: organizationId, p_file_name: fileName }).single();
  return error
    ? failedBy(error, { forbidden: "Your role may look at imports, but not start one: ask an owner or admin." })
    : done({ id: data.id, key: data.key });
}

/** Ends the key of an import that was stopped; one that came to its end has revoked it already. */
export async function endImportKey(organizationId: string, id: string): Promise<Result> {
  const db = await createServerDb();
  const { error } = await db.rpc("revoke_api_key", { p_organization_id: organizationId, p_id: id });
  return error ? failedBy(error) : done(null);
}
