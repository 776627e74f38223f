"use server";
import type { SupabaseClient } from "@supabase/supabase-js";
import { z } from "zod";
import { done, failed, failedBy, failedFields, type Result } from "../core/result.ts";
import { createServerDb } from "../supabase/server.ts";
import { dayAfter, dayStart } from "./days.ts";
import { perOne } from "./decimals.ts";
import type { Repriced } from "./repriced.ts";
import { CommitmentInput, OverrideInput } from "./schema.ts";

/** Decimals travel as text, which the generated types of numeric arguments do not know. */
type Rpc = Pick<SupabaseClient, "rpc" | "from">;

async function zoneOf(db: Rpc, organizationId: string): Promise<string | null> {
  const { data } = await db.from("organizations").select("time_zone").eq("id", organizationId).maybeSingle();
  return typeof data?.time_zone === "string" ? data.time_zone : null;
}

function overrideArgs(input: OverrideInput, timeZone: string) {
  return {
    p_organization_id: input.organization_id,
    p_provider: input.provider,
    p_model: input.model,
    p_unit: input.unit,
    p_rate: input.kind === "rate" ? (input.per === "million" ? perOne(input.amount, 6) : input.amount) : null,
    p_discount_percent: input.kind === "discount" ? input.amount : null,
    p_service_tier: input.service_tier,
    p_valid_from: input.first_day && dayStart(input.first_day, timeZone),
    p_valid_to: input.last_day && dayAfter(input.last_day, timeZone),
  };
}

/** Notes a negotiated rate or discount; what was agreed for the same thing and time is superseded. */
export async function saveOverride(form: FormData): Promise<Result> {
  const input = OverrideInput.safeParse(Object.fromEntries(form));
  if (!input.success) return failedFields(input.error.issues);
  const db: Rpc = await createServerDb();
  const zone = await zoneOf(db, input.data.organization_id);
  if (!zone) return failed("not_found", "This organization is gone, or you left it.");
  const { error } = await db.rpc("set_price_override", { ...overrideArgs(input.data, zone), p_note: input.data.note });
  return error ? failedBy(error) : done(null);
}

/** What the last 30 days would have cost under the agreement in the form; changes nothing. */
export async function previewOverride(form: FormData): Promise<Result<Repriced[]>> {
  const input = OverrideInput.safeParse(Object.fromEntries(form));
  if (!input.success) return failedFields(input.error.issues);
  const db: Rpc = await createServerDb();
  const zone = await zoneOf(db, input.data.organization_id);
  if (!zone) return failed("not_found", "This organization is gone, or you left it.");
  const now = Date.now();
  const { data, error } = await db.rpc("preview_price_override", {
    ...overrideArgs(input.data, zone),
    p_from: new Date(now - 30 * 86_400_000).toISOString(),
    p_to: new Date(now).toISOString(),
  });
  return error ? failedBy(error) : done(data as Repriced[]);
}

const Ended = z.object({ organizationId: z.uuid(), id: z.number().int().positive() });

/** Takes an agreement back: from now on it counts for no time. What was recorded keeps its cost until it is rated again. */
export async function endOverride(organizationId: string, id: number): Promise<Result> {
  const input = Ended.safeParse({ organizationId, id });
  if (!input.success) return failedFields(input.error.issues);
  const db = await createServerDb();
  const { error } = await db.rpc("end_price_override", { p_organization_id: organizationId, p_id: id });
  return error ? failedBy(error) : done(null);
}

export async function saveCommitment(form: FormData): Promise<Result> {
  const input = CommitmentInput.safeParse(Object.fromEntries(form));
  if (!input.success) return failedFields(input.error.issues);
  const { organization_id, provider, amount, period, first_day, last_day, note } = input.data;
  const db: Rpc = await createServerDb();
  const zone = await zoneOf(db, organization_id);
  if (!zone) return failed("not_found", "This organization is gone, or you left it.");
  const { error } = await db.rpc("set_price_commitment", {
    p_organization_id: organization_id,
    p_amount: amount,
    p_period: period,
    p_valid_from: dayStart(first_day, zone),
    p_valid_to: last_day && dayAfter(last_day, zone),
    p_provider: provider,
    p_note: note,
  });
  return error ? failedBy(error) : done(null);
}

export async function endCommitment(organizationId: string, id: number): Promise<Result> {
  const input = Ended.safeParse({ organizationId, id });
  if (!input.success) return failedFields(input.error.issues);
  const db = await createServerDb();
  const { error } = await db.rpc("end_price_commitment", { p_organization_id: organizationId, p_id: id });
  return error ? failedBy(error) : done(null);
}

const ReRate = z
  .object({
    organization_id: z.uuid(),
    first_day: z.iso.date("Say from which day."),
    last_day: z.iso.date("Say until which day."),
    reason: z.string().trim().min(1, "Say why.").max(500, "Use at most 500 characters."),
  })
  .refine((input) => input.first_day <= input.last_day, { path: ["last_day"], message: "The last day comes before the first." });

/** Prices the requests of whole days anew by today's book, in the background. */
export async function startReRating(form: FormData): Promise<Result> {
  const input = ReRate.safeParse(Object.fromEntries(form));
  if (!input.success) return failedFields(input.error.issues);
  const { organization_id, first_day, last_day, reason } = input.data;
  const db = await createServerDb();
  const zone = await zoneOf(db, organization_id);
  if (!zone) return failed("not_found", "This organization is gone, or you left it.");
  const { error } = await db.rpc("start_re_rating", {
    p_organization_id: organization_id,
    p_from: dayStart(first_day, zone),
    p_to: dayAfter(last_day, zone),
    p_reason: reason,
  });
  return error ? failedBy(error) : done(null);
}

const Cancelled = z.object({ organizationId: z.uuid(), id: z.uuid() });

export async function cancelReRating(organizationId: string, id: string): Promise<Result> {
  const input = Cancelled.safeParse({ organizationId, id });
  if (!input.success) return failedFields(input.error.issues);
  const db = await createServerDb();
  const { error } = await db.rpc("cancel_re_rating", { p_organization_id: organizationId, p_id: id });
  return error ? failedBy(error) : done(null);
}

const Closed = z.object({ organizationId: z.uuid(), periodFrom: z.iso.datetime({ offset: true }) });

/** Closes the month that begins at `periodFrom`; its statement never changes again. */
export async function closePeriod(organizationId: string, periodFrom: string): Promise<Result> {
  const input = Closed.safeParse({ organizationId, periodFrom });
  if (!input.success) return failedFields(input.error.issues);
  const db = await createServerDb();
  const { error } = await db.rpc("close_period", { p_organization_id: organizationId, p_period_from: periodFrom });
  return error ? failedBy(error) : done(null);
}
