import { spawn } from "node:child_process";
import { existsSync, readdirSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { projectRoot } from "./project-config.ts";

/** The CLI's launcher, run by this very Node: no PATH, no shell, no download. */
function supabaseCli(): string {
  const manifest = createRequire(import.meta.url).resolve("supabase/package.json");
  const { bin } = createRequire(import.meta.url)(manifest) as { bin: Record<string, string> };
  return join(dirname(manifest), bin.supabase ?? "");
}

/** A Postgres URL as the CLI needs it: the local server speaks no TLS; a hosted one is reached as its URL says. */
export function cliTarget(databaseUrl: string): URL {
  const target = new URL(databaseUrl);
  if (["127.0.0.1", "localhost"].includes(target.hostname)) target.searchParams.set("sslmode", "disable");
  return target;
}

/**
 * Applies what is pending of supabase/migrations with the official Supabase CLI; nothing to do is no error.
 * `databaseUrl` must be the role postgres: as superuser a migration could do what it may not do on a hosted project.
 */
export async function applyMigrations(
  databaseUrl: string,
  onProgress: (line: string) => void,
  workdir = fileURLToPath(projectRoot),
): Promise<void> {
  const folder = join(workdir, "supabase", "migrations");
  if (!existsSync(folder) || !readdirSync(folder).some((name) => name.endsWith(".sql"))) return;
  const target = cliTarget(databaseUrl);
  const args = [supabaseCli(), "migration", "up", "--include-all", `--remote=${target}`, "--yes", "--workdir", workdir];
  const child = spawn(process.execPath, args, {
    cwd: workdir,
    env: { ...process.env, DO_NOT_TRACK: "1", NO_COLOR: "1", SITE_URL: process.env.SITE_URL ?? "http://127.0.0.1:3000" },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let output = "";
  const listen = (chunk: Buffer) => {
    output += chunk.toString("utf8");
    for (const line of chunk.toString("utf8").split("\n")) if (/^Applying migration/.test(line.trim())) onProgress(line.trim());
  };
  child.stdout.on("data", listen);
  child.stderr.on("data", listen);
  const code = await new Promise<number | null>((done, fail) => {
    child.once("error", fail);
    child.once("exit", done);
  });
  // The URL holds the password; the CLI may quote it.
  if (code !== 0) throw new Error(`Migrations failed:\n${output.replaceAll(target.password, "…").trim()}`);
}
