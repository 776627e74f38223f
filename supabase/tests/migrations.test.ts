import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import postgres from "postgres";
import { afterAll, expect, it } from "vitest";
import { applySchemas } from "../../scripts/apply-schemas.ts";
import { testStack } from "../../tests/support/stack.ts";
import { startStack } from "../local/stack.ts";
import { catalogue } from "./catalogue.ts";

const undo: Array<() => Promise<unknown>> = [];
afterAll(async () => {
  for (const step of undo.toReversed()) await step();
});

it("supabase/schemas and supabase/migrations lead to the same catalogue", async () => {
  const { sql: migrated } = await testStack();
  const dataDir = await mkdtemp(join(tmpdir(), "tokentra-schemas-"));
  undo.push(() => rm(dataDir, { recursive: true, force: true }));
  const stack = await startStack({ dataDir, siteUrl: "http://127.0.0.1", persistent: false });
  undo.push(stack.stop);
  const described = postgres(stack.databaseUrl, { max: 1, onnotice: () => {} });
  undo.push(() => described.end());
  await applySchemas(described);
  const [fromSchemas, fromMigrations] = [await catalogue(described), await catalogue(migrated)];
  expect(fromSchemas.length).toBeGreaterThan(500);
  expect(fromMigrations).toEqual(fromSchemas);
});
