"use server";
import { z } from "zod";
import { done, failedBy, failedFields, type Result } from "../core/result.ts";
import { createServerDb } from "../supabase/server.ts";
import { Reason, ReconciliationScope } from "./schema.ts";

const Adjustment = ReconciliationScope.extend({ reason: Reason, expected: z.string().regex(/^-?\d+(\.\d+)?$/) });

/** Enters what is left of a scope's difference into the journal; refused when it is no longer `expected`, the sum that was shown. */
export async function adjustToBill(scope: ReconciliationScope, expected: string, reason: string): Promise<Result<string>> {
  const input = Adjustment.safeParse({ ...scope, expected, reason });
  if (!input.success) return failedFields(input.error.issues);
  const db = await createServerDb();
  const { data, error } = await db
    .rpc("adjust_to_bill", {
      p_organization_id: input.data.organizationId,
      p_from: input.data.from,
      p_to: input.data.to,
      p_provider: input.data.provider ?? undefined,
      p_classes: input.data.classes ?? undefined,
      p_reason: input.data.reason,
      p_expected: input.data.expected,
    })
    .single<string>();
  return error ? failedBy(error) : done(data);
}

/** Takes an entry of the journal back by its opposite. */
export async function reverseAdjustment(organizationId: string, id: string, reason: string): Promise<Result> {
  const read = Reason.safeParse(reason);
  if (!read.success) return failedFields(read.error.issues.map(({ message }) => ({ path: ["reason"], message })));
  const db = await createServerDb();
  const { error } = await db.rpc("reverse_adjustment", { p_organization_id: organizationId, p_id: id, p_reason: read.data });
  return error ? failedBy(error) : done(null);
}

/** Reads what was tracked on these UTC days anew, and reconciles; returns the number of lines. */
export async function refreshReconciliation(organizationId: string, from: string, to: string): Promise<Result<number>> {
  const db = await createServerDb();
  const { data, error } = await db
    .rpc("refresh_reconciliation", { p_organization_id: organizationId, p_from: from, p_to: to })
    .single<number>();
  return error ? failedBy(error) : done(data);
}
