import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { run } from "./child.ts";
import { root } from "./places.ts";

const inputs = [
  "app",
  "components",
  "lib",
  "public",
  "middleware.ts",
  "next.config.ts",
  "postcss.config.mjs",
  "tsconfig.json",
  "package-lock.json",
];
const marker = join(root, ".next", "built-from");

async function* files(path: string): AsyncGenerator<string> {
  if (!existsSync(path)) return;
  const entries = await readdir(path, { withFileTypes: true }).catch(() => null);
  if (!entries) return void (yield path);
  for (const entry of entries.sort((a, b) => (a.name < b.name ? -1 : 1))) {
    if (entry.name === "node_modules" || entry.name === "dist") continue;
    if (entry.isDirectory()) yield* files(join(path, entry.name));
    else yield join(path, entry.name);
  }
}

/** Digest of everything that the built pages depend on. */
async function digest(): Promise<string> {
  const hash = createHash("sha256");
  for (const input of inputs) {
    for await (const file of files(join(root, input)))
      hash
        .update(file.slice(root.length))
        .update("\0")
        .update(await readFile(file));
  }
  return hash.digest("hex");
}

/** Builds the pages unless what is there was built from the very same sources. Returns whether it built. */
export async function buildPages(): Promise<boolean> {
  const wanted = await digest();
  if (existsSync(marker) && (await readFile(marker, "utf8")) === wanted) return false;
  await run(join(root, "node_modules", ".bin", "next"), ["build"], {
    cwd: root,
    env: { NODE_ENV: "production", NEXT_TELEMETRY_DISABLED: "1" },
    onLine: () => {},
  });
  await writeFile(marker, wanted);
  return true;
}
