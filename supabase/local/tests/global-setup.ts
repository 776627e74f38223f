import { mkdtemp } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { TestProject } from "vitest/node";
import { spawnStack } from "./spawn-stack.ts";
import type { SharedStack } from "./support.ts";

declare module "vitest" {
  interface ProvidedContext {
    bareStack: SharedStack;
  }
}

/** One stack for all contract tests of a run: free ports, its own temporary data directory, removed at the end. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const stack = await spawnStack({
    dataDir: await mkdtemp(join(tmpdir(), "tokentra-stack-")),
    siteUrl: "http://127.0.0.1:3000",
    persistent: false,
    functionsDir: fileURLToPath(new URL("./fixtures/functions", import.meta.url)),
    functionsEnv: { GREETING: "hello from the project" },
  });
  project.provide("bareStack", stack.shared);
  return stack.stop;
}
