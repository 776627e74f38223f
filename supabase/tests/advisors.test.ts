import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";
import { expect, it } from "vitest";
import { root } from "../../tests/support/repository.ts";
import { testStack } from "../../tests/support/stack.ts";
import { cliTarget } from "../local/migrate.ts";

interface Finding {
  name: string;
  level: string;
  detail: string;
}

/**
 * Signed: warnings that were looked at and stand. Each is a small SQL function written with a standard-SQL body, which Postgres parses when it is
 * created: names in it are bound then, so no search path can redirect them, while a pinned path would keep the planner from inlining them into
 * the ingest path. The parts of an aggregate are bound at creation as well.
 */
const signed = (finding: Finding, inlinable: Set<string>) =>
  finding.name === "function_search_path_mutable" && inlinable.has(/`([^`]+)`/.exec(finding.detail)?.[1] ?? "");

it("Supabase's own database linter finds no error, and no warning outside the signed list", async () => {
  const stack = await testStack();
  const { stdout } = await promisify(execFile)(
    join(root, "node_modules", ".bin", "supabase"),
    ["db", "advisors", `--remote=${cliTarget(stack.databaseUrl)}`, "--output-format", "json", "--level", "warn", "--agent", "no"],
    { env: { ...process.env, DO_NOT_TRACK: "1" }, maxBuffer: 32 * 1024 * 1024 },
  );
  const { results } = JSON.parse(stdout.slice(stdout.indexOf("{"))) as { results: Finding[] };
  const rows = await stack.sql<{ name: string }[]>`
    select n.nspname || '.' || p.proname as name
    from pg_catalog.pg_proc p join pg_catalog.pg_namespace n on n.oid = p.pronamespace
    where n.nspname = 'private' and (p.prosqlbody is not null or p.prokind = 'a') and not p.prosecdef`;
  const inlinable = new Set(rows.map(({ name }) => name));
  expect(results.filter((finding) => !signed(finding, inlinable)).map(({ level, detail }) => `${level}: ${detail}`)).toEqual([]);
});
