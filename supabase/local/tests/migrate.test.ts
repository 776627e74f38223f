import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { applyMigrations } from "../migrate.ts";
import { sharedStack, unique } from "./support.ts";

const stack = sharedStack();
const table = unique("migrated");
let workdir = "";
const migration = (version: string, sql: string) => writeFile(join(workdir, "supabase", "migrations", `${version}_step.sql`), sql);

beforeAll(async () => {
  workdir = await mkdtemp(join(tmpdir(), "tokentra-migrate-"));
  await mkdir(join(workdir, "supabase", "migrations"), { recursive: true });
  await writeFile(join(workdir, "supabase", "config.toml"), 'project_id = "other"\n');
});
afterAll(() => rm(workdir, { recursive: true, force: true }));

test("the official CLI applies what is pending, once, as postgres", { timeout: 60_000 }, async () => {
  await migration("20260101000001", `create table public.${table} (id int primary key); insert into public.${table} values (1);`);
  const lines: string[] = [];
  await applyMigrations(stack.databaseUrl, (line) => lines.push(line), workdir);
  await migration("20260101000002", `insert into public.${table} values (2);`);
  await applyMigrations(stack.databaseUrl, (line) => lines.push(line), workdir);
  await applyMigrations(stack.databaseUrl, (line) => lines.push(line), workdir);
  const rows = await stack.sql.unsafe(`select id from public.${table} order by id`);
  expect(rows.map((row) => row.id)).toEqual([1, 2]);
  const [owner] = await stack.sql`select tableowner from pg_tables where tablename = ${table}`;
  expect(owner?.tableowner).toBe("postgres");
  expect(lines.filter((line) => line.includes("20260101000001"))).toHaveLength(1);
});

test("a migration that fails says which statement and never the password", { timeout: 60_000 }, async () => {
  await migration("20260101000003", `insert into public.${table} values ('x');`);
  const failure = await applyMigrations(stack.databaseUrl, () => {}, workdir).catch((error: Error) => error.message);
  expect(failure).toContain("invalid input syntax");
  expect(failure).not.toContain(new URL(stack.databaseUrl).password);
});
