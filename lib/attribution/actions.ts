"use server";
import { done, failed, failedBy, failedFields, type Result } from "../core/result.ts";
import { createServerDb } from "../supabase/server.ts";
import { AttributionRuleForm, conditionsOf } from "./schema.ts";

const gone = "This rule is gone, or your role may not change it.";

/** Makes a rule, or with an `id` changes it. */
export async function saveAttributionRule(form: FormData): Promise<Result> {
  const input = AttributionRuleForm.safeParse(Object.fromEntries(form));
  if (!input.success) return failedFields(input.error.issues);
  const { id, organization_id, name, position, team_id, project_id } = input.data;
  const rule = { name, position, team_id, project_id, conditions: conditionsOf(input.data) };
  const rules = (await createServerDb()).from("attribution_rules");
  const { data, error } = await (id
    ? rules.update(rule).eq("organization_id", organization_id).eq("id", id)
    : rules.insert({ organization_id, ...rule })
  ).select("id");
  if (error) return failedBy(error);
  return data.length > 0 ? done(null) : failed("not_found", gone);
}

/** Switches a rule on or off; what it attributed so far stays. */
export async function enableAttributionRule(organizationId: string, id: string, isEnabled: boolean): Promise<Result> {
  const db = await createServerDb();
  const { data, error } = await db
    .from("attribution_rules")
    .update({ is_enabled: isEnabled })
    .eq("organization_id", organizationId)
    .eq("id", id)
    .select("id");
  if (error) return failedBy(error);
  return data.length > 0 ? done(null) : failed("not_found", gone);
}

export async function deleteAttributionRule(organizationId: string, id: string): Promise<Result> {
  const db = await createServerDb();
  const { data, error } = await db.from("attribution_rules").delete().eq("organization_id", organizationId).eq("id", id).select("id");
  if (error) return failedBy(error);
  return data.length > 0 ? done(null) : failed("not_found", gone);
}
