"use server";
import { done, failedBy, type Result } from "../core/result.ts";
import { createServerDb } from "../supabase/server.ts";

/** A key for one import from this browser: it ends with the import, or a quarter of an hour after its last use. */
export async function createImportKey(organizationId: string, fileName: string): Promise<Result<{ key: string }>> {
  const db = await createServerDb();
  const { data, error } = await db.rpc("create_import_key", { p_organization_id: organizationId, p_file_name: fileName }).single();
  return error
    ? failedBy(error, { forbidden: "Your role may look at imports, but not start one: ask an owner or admin." })
    : done({ key: data.key });
}
