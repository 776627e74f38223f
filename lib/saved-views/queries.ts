import { toAppError } from "../core/database-errors.ts";
import type { Db } from "../supabase/db.ts";

export type SavedView = { id: string; owner_id: string; name: string; page: string; query: string; is_shared: boolean };

export const savedViewsKey = (organizationId: string) => ["saved_views", organizationId] as const;

/** The views one keeps oneself and those that others share, by name. */
export async function listSavedViews(db: Db, organizationId: string): Promise<SavedView[]> {
  const { data, error } = await db
    .from("saved_views")
    .select("id, owner_id, name, page, query, is_shared")
    .eq("organization_id", organizationId)
    .order("name")
    .order("id");
  if (error) throw toAppError(error);
  return data;
}

/** Where a view opens. */
export function savedViewHref(slug: string, { page, query }: Pick<SavedView, "page" | "query">): string {
  return `/${slug}/${page}${query ? `?${query}` : ""}`;
}
