import { hash } from "node:crypto";
import { createApiApp } from "../api/app.ts";
import { createApiReader } from "../api/reader.ts";
import { newRequestId } from "../core/ids.ts";
import { createHealthApp, type Lifecycle } from "../health/app.ts";
import { createImportsApp } from "../imports/app.ts";
import { createImportBook } from "../imports/record-import.ts";
import { createIngestApp } from "../ingest/app.ts";
import { recordUsage } from "../ingest/record-usage.ts";
import type { Log } from "../log/log.ts";
import { createOtlpApp } from "../otlp/app.ts";
import { recordSpans } from "../otlp/record-spans.ts";
import { createDoorPool } from "../postgres/pool.ts";
import { dependencyChecks } from "./dependency-checks.ts";
import type { ServerEnvironment } from "./environment.ts";
import { isUnder } from "./machine-paths.ts";

export type MachineDoors = {
  fetch: (request: Request) => Response | Promise<Response>;
  close(): Promise<void>;
};

/**
 * All machine doors over their own pools: ingest, OpenTelemetry, read API, health. Writing has its own connections, so that slow questions
 * cannot hold up what is being sent in.
 */
export function openMachineDoors(environment: ServerEnvironment, log: Log, lifecycle: Lifecycle): MachineDoors {
  const writing = createDoorPool(environment.databaseUrl, { max: 4, applicationName: "tokentra-ingest" });
  const reading = createDoorPool(environment.databaseUrl, { max: 4, applicationName: "tokentra-api", statementTimeoutMs: 10_000 });
  const sha256 = (text: string): Uint8Array => hash("sha256", text, "buffer");
  const tools = { log, now: () => Date.now(), newRequestId, sha256 };
  const touchKeys = (apiKeyIds: string[]) => reading`select private.touch_api_keys(${apiKeyIds}::uuid[])`;
  const ingest = createIngestApp({ ...tools, touchKeys, record: (submissions, source) => recordUsage(writing, submissions, { source }) });
  const otlp = createOtlpApp({ ...tools, touchKeys, record: (submissions) => recordSpans(writing, submissions) });
  const api = createApiApp({ ...tools, touchKeys, reader: createApiReader(reading) });
  const imports = createImportsApp({ ...tools, book: createImportBook(reading) });
  const checks = dependencyChecks(reading, environment.supabaseUrl, environment.publishableKey);
  const health = createHealthApp({ ...tools, lifecycle, checks });

  return {
    fetch(request) {
      const target = request.url.slice(request.url.indexOf("/", "https://".length));
      if (isUnder(target, "/api/sdk")) return ingest.fetch(request);
      if (isUnder(target, "/api/otlp")) return otlp.fetch(request);
      if (isUnder(target, "/api/v1/imports")) return imports.fetch(request);
      return isUnder(target, "/health") ? health.fetch(request) : api.fetch(request);
    },
    async close() {
      await Promise.all([writing.end({ timeout: 5 }), reading.end({ timeout: 5 })]);
    },
  };
}
