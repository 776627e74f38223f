import postgres from "postgres";
import { webSha256 } from "../../../lib/core/api-key.ts";
import { newRequestId } from "../../../lib/core/ids.ts";
import { createJsonLog } from "../../../lib/log/json-log.ts";
import { billingAdapters as adapters, readProviderUrls } from "../../../lib/providers/billing-adapters.ts";
import { createSyncApp } from "../../../lib/providers/sync-app.ts";
import { createSyncStore, openSyncCall } from "../../../lib/providers/sync-store.ts";

const connection = { application_name: "sync-connections", role: "tokentra_door", statement_timeout: 60_000 };
const sql = postgres(Deno.env.get("SUPABASE_DB_URL") ?? "", { max: 4, connect_timeout: 5, connection });
const store = createSyncStore(sql);
const open = (token: string) => openSyncCall(sql, token);
const log = createJsonLog(console.log, "sync-connections");
const wait = (milliseconds: number) => new Promise<void>((resolve) => setTimeout(resolve, milliseconds));
const tools = { log, now: () => Date.now(), newRequestId, sha256: webSha256, fetch, wait, adapters, store, open };
const baseUrls = readProviderUrls(Deno.env.get("TOKENTRA_PROVIDER_URLS"));

Deno.serve(createSyncApp({ ...tools, baseUrls, path: "/sync-connections" }).fetch);
