import { toAppError } from "../core/database-errors.ts";
import type { Db } from "../supabase/db.ts";

type AuditChange = { old: unknown; new: unknown };

export type AuditEntry = {
  id: string;
  occurred_at: string;
  actor_type: "user" | "api_key" | "system";
  actor_label: string;
  action: string;
  entity_type: string;
  entity_id: string;
  entity_label: string | null;
  changes: Record<string, AuditChange>;
  request_id: string | null;
  ip: string | null;
};

export type AuditFilter = { search: string; entity: string; actor: string; from: string | null; to: string | null };
/** The last entry of the page before: the next page starts behind it. */
export type AuditCursor = Pick<AuditEntry, "occurred_at" | "id">;

export const AUDIT_PAGE = 50;

export const auditLogKey = (organizationId: string, filter: AuditFilter) => ["audit_log", organizationId, filter] as const;

/** A pattern for "contains". Characters with a meaning in patterns or filters become "any one character", which needs no quoting. */
function contains(text: string): string {
  return `%${text.trim().replace(/[%_*\\"',()]/g, "_")}%`;
}

/** Newest first, one page behind `after`; `from` (included) and `to` (excluded) are instants. */
export async function listAuditLog(db: Db, organizationId: string, filter: AuditFilter, after: AuditCursor | null): Promise<AuditEntry[]> {
  let query = db
    .from("audit_log")
    .select("id, occurred_at, actor_type, actor_label, action, entity_type, entity_id, entity_label, changes, request_id, ip")
    .eq("organization_id", organizationId)
    .order("occurred_at", { ascending: false })
    .order("id", { ascending: false })
    .limit(AUDIT_PAGE);
  if (filter.entity) query = query.eq("entity_type", filter.entity);
  if (filter.actor) query = query.eq("actor_label", filter.actor);
  if (filter.from) query = query.gte("occurred_at", filter.from);
  if (filter.to) query = query.lt("occurred_at", filter.to);
  if (filter.search.trim()) {
    const like = contains(filter.search);
    query = query.or(`entity_label.ilike.${like},actor_label.ilike.${like},action.ilike.${like},request_id.ilike.${like}`);
  }
  if (after) query = query.or(`occurred_at.lt."${after.occurred_at}",and(occurred_at.eq."${after.occurred_at}",id.lt.${after.id})`);
  const { data, error } = await query;
  if (error) throw toAppError(error);
  return data as AuditEntry[];
}
