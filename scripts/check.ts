/** `npm run check`: what can be known without a database, in under a minute. */
import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { root } from "./places.ts";
import { runSteps, type Step } from "./steps.ts";

const bin = (name: string) => join(root, "node_modules", ".bin", name);

/** Every Edge Function, checked by Deno against the packages npm installed: nothing is downloaded. */
function functionChecks(): Step[] {
  const folder = join(root, "supabase", "functions");
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && existsSync(join(folder, entry.name, "index.ts")))
    .map((entry) => ({
      name: `deno check ${entry.name}`,
      file: bin("deno"),
      args: [
        "check",
        "--node-modules-dir=manual",
        "--no-lock",
        "--cached-only",
        "--config",
        join(folder, entry.name, "deno.json"),
        join(folder, entry.name, "index.ts"),
      ],
    }));
}

export const checks: Step[] = [
  { name: "types", file: bin("tsc"), args: ["-p", "tsconfig.json"] },
  { name: "format and lint", file: bin("biome"), args: ["ci", "--error-on-warnings", "--colors=off", "."] },
  { name: "types, portable code", file: bin("tsc"), args: ["-p", "tsconfig.portable.json"] },
  ...functionChecks(),
  { name: "dead code", file: bin("knip"), args: [] },
  { name: "unit and house tests", file: bin("vitest"), args: ["run", "--project", "unit"] },
];

if (import.meta.main) process.exitCode = (await runSteps(checks)) === 0 ? 0 : 1;
