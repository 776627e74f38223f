"use server";
import { z } from "zod";
import { done, failedBy, failedFields, type Result } from "../core/result.ts";
import { createServerDb } from "../supabase/server.ts";
import { expiryAfter } from "./rules.ts";
import { ApiKeyInput, RotationInput } from "./schema.ts";

/** The secret of a key: shown once, kept nowhere. `previous_expires_at`: until when the old secret works, after a rotation. */
export type NewSecret = { name: string; key: string; previous_expires_at: string | null };

const NONE = "none";
const Create = ApiKeyInput.extend({ organization_id: z.uuid() });

function orNull(value: FormDataEntryValue | null): string | null {
  return typeof value === "string" && value !== "" && value !== NONE ? value : null;
}

/** Makes a key. `expires_in_days` "none" = no end; `team_id` and `project_id` "none" = not bound. */
export async function createApiKey(form: FormData): Promise<Result<NewSecret>> {
  const input = Create.safeParse({
    organization_id: form.get("organization_id"),
    name: form.get("name"),
    kind: form.get("kind") ?? "live",
    scopes: form.getAll("scopes"),
    team_id: orNull(form.get("team_id")),
    project_id: orNull(form.get("project_id")),
    environment: orNull(form.get("environment")),
    expires_at: expiryAfter(String(form.get("expires_in_days")), Date.now()),
  });
  if (!input.success) return failedFields(input.error.issues);
  const { organization_id, name, scopes, kind, team_id, project_id, environment, expires_at } = input.data;
  const db = await createServerDb();
  const { data, error } = await db
    .rpc("create_api_key", {
      p_organization_id: organization_id,
      p_name: name,
      p_scopes: scopes,
      p_kind: kind,
      p_team_id: team_id ?? undefined,
      p_project_id: project_id ?? undefined,
      p_environment: environment ?? undefined,
      p_expires_at: expires_at ?? undefined,
    })
    .single();
  return error ? failedBy(error) : done({ name, key: data.key, previous_expires_at: null });
}

const Rotate = RotationInput.extend({ organization_id: z.uuid(), id: z.uuid(), name: z.string() });

/** Gives a key a new secret; the old one goes on working for the overlap. */
export async function rotateApiKey(form: FormData): Promise<Result<NewSecret>> {
  const input = Rotate.safeParse(Object.fromEntries(form));
  if (!input.success) return failedFields(input.error.issues);
  const { organization_id, id, overlap_seconds, name } = input.data;
  const db = await createServerDb();
  const { data, error } = await db
    .rpc("rotate_api_key", { p_organization_id: organization_id, p_id: id, p_overlap_seconds: overlap_seconds })
    .single();
  return error ? failedBy(error) : done({ name, key: data.key, previous_expires_at: data.previous_expires_at });
}

export async function revokeApiKey(organizationId: string, id: string): Promise<Result> {
  const db = await createServerDb();
  const { error } = await db.rpc("revoke_api_key", { p_organization_id: organizationId, p_id: id });
  return error ? failedBy(error) : done(null);
}
