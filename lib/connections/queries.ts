import { toAppError } from "../core/database-errors.ts";
import type { Db } from "../supabase/db.ts";
import type { ConnectionStatus, Provider } from "./schema.ts";

/** A connection as list_connections() tells it. Days are UTC; `days_done` of `days_total` since the beginning of the backfill. */
export type Connection = {
  id: string;
  provider: Provider;
  name: string;
  settings: Record<string, string>;
  key_hint: string;
  is_paused: boolean;
  status: ConnectionStatus;
  error_code: string | null;
  error_message: string | null;
  failures: number;
  is_syncing: boolean;
  backfill_from: string;
  synced_to: string;
  days_done: number;
  days_total: number;
  last_synced_at: string | null;
  next_at: string;
  credential_changed_at: string;
  created_at: string;
};

/** A key of the provider's own that appeared in its reports. */
export type ProviderKey = {
  connection_id: string;
  connection_name: string;
  provider: Provider;
  provider_key: string;
  api_key_id: string | null;
  first_seen_at: string;
};

export const connectionsKey = (organizationId: string) => ["connections", organizationId] as const;
export const providerKeysKey = (organizationId: string) => ["connections", organizationId, "keys"] as const;

/** Connections of an organization with the state of their sync, oldest first. */
export async function listConnections(db: Db, organizationId: string): Promise<Connection[]> {
  const { data, error } = await db.rpc("list_connections", { p_organization_id: organizationId });
  if (error) throw toAppError(error);
  return data as Connection[];
}

export async function listProviderKeys(db: Db, organizationId: string): Promise<ProviderKey[]> {
  const { data, error } = await db.rpc("list_provider_keys", { p_organization_id: organizationId });
  if (error) throw toAppError(error);
  return data as ProviderKey[];
}
