import { toAppError } from "../core/database-errors.ts";
import type { Money } from "../core/money.ts";
import type { Db } from "../supabase/db.ts";
import type { Conditions } from "./schema.ts";

export type AttributionRule = {
  id: string;
  name: string;
  position: number;
  conditions: Conditions;
  team_id: string | null;
  project_id: string | null;
  is_enabled: boolean;
};

export const attributionRulesKey = (organizationId: string) => ["attribution_rules", organizationId] as const;

/** The rules of an organization in the order in which they are tried. */
export async function listAttributionRules(db: Db, organizationId: string): Promise<AttributionRule[]> {
  const { data, error } = await db
    .from("attribution_rules")
    .select("id, name, position, conditions, team_id, project_id, is_enabled")
    .eq("organization_id", organizationId)
    .order("position")
    .order("id");
  if (error) throw toAppError(error);
  return data.map(({ conditions, ...rule }) => ({ ...rule, conditions: conditions as Conditions }));
}

/** What falls to each enabled rule, and to the draft, of usage that is nobody's yet. */
export type AttributionPreview = {
  rules: { id: string | null; name: string | null; isDraft: boolean; requests: number; cost: Money }[];
  unattributed: { requests: number; cost: Money };
};

/** Tries the rules, and `draft` after them, on the usage in [from, to) without changing anything. */
export async function previewAttribution(
  db: Db,
  organizationId: string,
  { from, to, draft }: { from: string; to: string; draft?: Conditions },
): Promise<AttributionPreview> {
  const { data, error } = await db.rpc("preview_attribution", {
    p_organization_id: organizationId,
    p_from: from,
    p_to: to,
    ...(draft ? { p_conditions: draft } : {}),
  });
  if (error) throw toAppError(error);
  return {
    rules: data.map(({ rule_id, name, is_draft, requests, cost }) => ({ id: rule_id, name, isDraft: is_draft, requests, cost })),
    unattributed: { requests: data[0]?.requests_now_unattributed ?? 0, cost: data[0]?.cost_now_unattributed ?? null },
  };
}

export type AppliedPage = { moved: number; next: { after: string; afterId: string } | null };

/** Applies the rules to one page of the usage in [from, to) that is nobody's, oldest first; `next` is null after the last one. */
export async function applyAttribution(
  db: Db,
  organizationId: string,
  { from, to, next }: { from: string; to: string; next: AppliedPage["next"] },
): Promise<AppliedPage> {
  const { data, error } = await db.rpc("apply_attribution", {
    p_organization_id: organizationId,
    p_from: from,
    p_to: to,
    ...(next ? { p_after: next.after, p_after_id: next.afterId } : {}),
  });
  if (error) throw toAppError(error);
  const [page] = data;
  return { moved: page?.moved ?? 0, next: page?.last_id ? { after: page.last_timestamp, afterId: page.last_id } : null };
}
