"use server";
import { z } from "zod";
import { done, failed, failedBy, failedFields, type Result } from "../core/result.ts";
import { billingAdapters, readProviderUrls } from "../providers/billing-adapters.ts";
import { billingContext, describeFailure } from "../providers/sync.ts";
import { createServerDb } from "../supabase/server.ts";
import { ConnectionInput, type ConnectionValues, Provider, readFields } from "./schema.ts";

const wait = (milliseconds: number) => new Promise<void>((resolve) => setTimeout(resolve, milliseconds));

/** Calls the provider with the credential as it was typed; the reason when that does not work. The credential is kept nowhere. */
async function tryCredential(provider: Provider, { credential, settings }: ConnectionValues): Promise<string | null> {
  try {
    const baseUrls = readProviderUrls(process.env.TOKENTRA_PROVIDER_URLS);
    const outside = { adapters: billingAdapters, baseUrls, fetch, now: () => Date.now(), wait };
    const { adapter, context } = billingContext(outside, provider, credential, settings);
    await adapter.test(context);
    return null;
  } catch (error) {
    return describeFailure(error).message;
  }
}

const FIELD = "field.";
function fieldsOf(form: FormData): Record<string, string> {
  const sent = [...form].flatMap(([name, value]) =>
    name.startsWith(FIELD) && typeof value === "string" ? [[name.slice(FIELD.length), value]] : [],
  );
  return Object.fromEntries(sent);
}

/** The form of a new connection; `intent` "test" only tries it, anything else saves what works. */
export async function connectProvider(form: FormData): Promise<Result<{ saved: boolean }>> {
  const input = ConnectionInput.safeParse({
    organization_id: form.get("organization_id"),
    provider: form.get("provider"),
    name: form.get("name"),
    fields: fieldsOf(form),
  });
  if (!input.success) return failedFields(input.error.issues);
  const { organization_id, provider, name, settings, credential, keyHint } = input.data;
  const db = await createServerDb();
  // Who may not save may not have us call providers either.
  const { data: allowed } = await db.rpc("list_connections", { p_organization_id: organization_id });
  if (!allowed) return failed("forbidden", "Your role does not allow this.");
  const problem = await tryCredential(provider, { settings, credential, keyHint });
  if (problem) return failed("provider_failed", problem);
  if (form.get("intent") === "test") return done({ saved: false });
  const { error } = await db.rpc("create_connection", {
    p_organization_id: organization_id,
    p_provider: provider,
    p_name: name,
    p_settings: settings,
    p_credential: credential,
    p_key_hint: keyHint,
  });
  return error ? failedBy(error) : done({ saved: true });
}

const Target = z.object({ organization_id: z.uuid(), id: z.uuid(), provider: Provider });

/** Replaces a connection's credential by one that works. Its settings stay. */
export async function replaceCredential(form: FormData): Promise<Result> {
  const input = Target.safeParse(Object.fromEntries(form));
  if (!input.success) return failedFields(input.error.issues);
  const { organization_id, id, provider } = input.data;
  const db = await createServerDb();
  const { data: connection } = await db
    .from("connections")
    .select("settings")
    .eq("organization_id", organization_id)
    .eq("id", id)
    .maybeSingle<{ settings: Record<string, string> }>();
  if (!connection) return failed("not_found", "This connection is gone.");
  const read = readFields(provider, { ...fieldsOf(form), ...connection.settings });
  if (Object.keys(read.problems).length > 0) return failed("invalid", "Some fields need another look.", read.problems);
  const problem = await tryCredential(provider, read);
  if (problem) return failed("provider_failed", problem);
  const { error } = await db.rpc("rotate_connection", {
    p_organization_id: organization_id,
    p_id: id,
    p_credential: read.credential,
    p_key_hint: read.keyHint,
  });
  return error ? failedBy(error) : done(null);
}

/** Pauses a connection, or lets it go on; letting a running one go on fetches at once. */
export async function pauseConnection(organizationId: string, id: string, isPaused: boolean): Promise<Result> {
  const db = await createServerDb();
  const { error } = await db.rpc("pause_connection", { p_organization_id: organizationId, p_id: id, p_is_paused: isPaused });
  return error ? failedBy(error) : done(null);
}

export async function removeConnection(organizationId: string, id: string): Promise<Result> {
  const db = await createServerDb();
  const { error } = await db.rpc("remove_connection", { p_organization_id: organizationId, p_id: id });
  return error ? failedBy(error) : done(null);
}

/** Says which of our keys a provider's key belongs to; null = none. */
export async function linkProviderKey(
  organizationId: string,
  connectionId: string,
  providerKey: string,
  apiKeyId: string | null,
): Promise<Result> {
  const db = await createServerDb();
  const { error } = await db.rpc("link_provider_key", {
    p_organization_id: organizationId,
    p_connection_id: connectionId,
    p_provider_key: providerKey,
    p_api_key_id: apiKeyId ?? undefined,
  });
  return error ? failedBy(error) : done(null);
}
