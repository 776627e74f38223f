import { toAppError } from "../core/database-errors.ts";
import type { Db } from "../supabase/db.ts";
import type { ApiKeyScope } from "./schema.ts";

export type ApiKey = {
  id: string;
  name: string;
  prefix: string;
  kind: "live" | "test";
  scopes: ApiKeyScope[];
  team_id: string | null;
  team_name: string | null;
  project_id: string | null;
  project_name: string | null;
  environment: string | null;
  expires_at: string | null;
  revoked_at: string | null;
  last_used_at: string | null;
  created_at: string;
};

export const apiKeysKey = (organizationId: string) => ["api_keys", organizationId] as const;

/** The keys of an organization without their secrets, newest first. */
export async function listApiKeys(db: Db, organizationId: string): Promise<ApiKey[]> {
  const { data, error } = await db
    .from("api_keys")
    .select(
      "id, name, prefix, kind, scopes, team_id, project_id, environment, expires_at, revoked_at, last_used_at, created_at, teams(name), projects(name)",
    )
    .eq("organization_id", organizationId)
    .order("created_at", { ascending: false });
  if (error) throw toAppError(error);
  return data.map(({ teams, projects, ...key }) => ({
    ...key,
    // Checked by the table, which types cannot know.
    kind: key.kind as ApiKey["kind"],
    scopes: key.scopes as ApiKeyScope[],
    team_name: teams?.name ?? null,
    project_name: projects?.name ?? null,
  }));
}

/** How many requests a key sent between two instants: what a revocation would cut off. */
export async function requestsOfKey(db: Db, organizationId: string, keyId: string, from: string, to: string): Promise<number> {
  const { data, error } = await db
    .rpc("spend_summary", { p_organization_id: organizationId, p_from: from, p_to: to, p_filters: { api_key: [keyId] } })
    .single();
  if (error) throw toAppError(error);
  return data.requests;
}
