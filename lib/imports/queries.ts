import { toAppError } from "../core/database-errors.ts";
import type { Db } from "../supabase/db.ts";
import type { ImportDocument, ImportMapping } from "./schema.ts";

/** A line of the list of imports. */
export type ImportSummary = Omit<ImportDocument, "problems" | "comparison" | "totals" | "bytes_read" | "mapping"> & { updated_at: string };

export const importsKey = (organizationId: string) => ["imports", organizationId] as const;

/** The newest hundred imports of an organization, dry runs included, newest first. */
export async function listImports(db: Db, organizationId: string): Promise<ImportSummary[]> {
  const { data, error } = await db
    .from("imports")
    .select(
      "id, file_name, file_bytes, adapter, is_dry_run, status, message, rows_read, accepted, duplicates, rejected, skipped, created_at, updated_at, finished_at",
    )
    .eq("organization_id", organizationId)
    .order("created_at", { ascending: false })
    .limit(100);
  if (error) throw toAppError(error);
  // Checked by the table, which types cannot know.
  return data.map((row) => ({ ...row, status: row.status as ImportSummary["status"] }));
}

/** One import with its problems by line and, for a dry run, their cost beside ours. */
export async function importWithComparison(db: Db, organizationId: string, id: string): Promise<ImportDocument> {
  const { data, error } = await db.rpc("import_with_comparison", { p_organization_id: organizationId, p_id: id });
  if (error) throw toAppError(error);
  return data as unknown as ImportDocument;
}

/** The mapping that was last used for files with these columns, or null. */
export async function rememberedMapping(db: Db, organizationId: string, columnsDigest: string): Promise<ImportMapping | null> {
  const { data, error } = await db
    .from("imports")
    .select("mapping")
    .eq("organization_id", organizationId)
    .eq("columns_digest", columnsDigest)
    .order("created_at", { ascending: false })
    .limit(1);
  if (error) throw toAppError(error);
  const mapping = data[0]?.mapping as ImportMapping | undefined;
  return mapping !== undefined && Object.keys(mapping).length > 0 ? mapping : null;
}
