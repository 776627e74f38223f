import type { Sql } from "postgres";
import type { Provider } from "../connections/schema.ts";
import type { SyncStore } from "./sync.ts";

type Row = {
  organization_id: string;
  connection_id: string;
  provider: Provider;
  settings: Record<string, unknown>;
  credential: string;
  lease: string;
  window_from: string;
  window_to: string;
};

/** The worker's side of the database: claim, store and fail are functions there. `organizationId`: works for this organization only. */
export function createSyncStore(sql: Sql, organizationId: string | null = null): SyncStore {
  return {
    async claim(limit) {
      const rows = await sql<Row[]>`
        select organization_id, connection_id, provider, settings, credential, lease, window_from::text, window_to::text
        from private.claim_syncs(${limit}, ${organizationId}::uuid)`;
      return rows.map(({ provider, settings, credential, lease, ...row }) => ({
        organizationId: row.organization_id,
        connectionId: row.connection_id,
        provider,
        settings,
        credential,
        lease,
        window: { from: row.window_from, to: row.window_to },
      }));
    },
    async store({ connectionId, lease, window }, { usage, costs }) {
      const [row] = await sql<{ stored: boolean | null }[]>`
        select private.store_sync_window(${connectionId}, ${lease}, ${window.from}::date, ${window.to}::date,
          ${JSON.stringify(usage)}::text::jsonb, ${JSON.stringify(costs)}::text::jsonb) as stored`;
      return row?.stored ?? null;
    },
    async fail({ connectionId, lease }, code, message, retryAfterSeconds) {
      await sql`select private.fail_sync(${connectionId}, ${lease}, ${code}, ${message}, ${retryAfterSeconds}::integer)`;
    },
  };
}

/** Whether the scheduler gave out this token; it opens once. */
export async function openSyncCall(sql: Sql, token: string): Promise<boolean> {
  const [row] = await sql<{ is_open: boolean }[]>`select private.open_sync_call(${token}) as is_open`;
  return row?.is_open === true;
}
