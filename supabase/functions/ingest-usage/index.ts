import postgres from "postgres";
import { webSha256 } from "../../../lib/core/api-key.ts";
import { newRequestId } from "../../../lib/core/ids.ts";
import { createIngestApp } from "../../../lib/ingest/app.ts";
import { recordUsage } from "../../../lib/ingest/record-usage.ts";
import { createJsonLog } from "../../../lib/log/json-log.ts";

const connection = { application_name: "ingest-usage", role: "tokentra_door", statement_timeout: 15_000 };
const sql = postgres(Deno.env.get("SUPABASE_DB_URL") ?? "", { max: 2, connect_timeout: 5, connection });
const app = createIngestApp({
  record: (submissions, source) => recordUsage(sql, submissions, { source }),
  touchKeys: (apiKeyIds) => sql`select private.touch_api_keys(${apiKeyIds}::uuid[])`,
  path: "/ingest-usage",
  now: () => Date.now(),
  newRequestId,
  sha256: webSha256,
  log: createJsonLog(console.log, "ingest-usage"),
});

Deno.serve(app.fetch);
