import { mkdtemp } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TestProject } from "vitest/node";
import { startStack } from "../stack.ts";
import type { SharedStack } from "./support.ts";

declare module "vitest" {
  interface ProvidedContext {
    bareStack: SharedStack;
  }
}

/** One stack for all contract tests of a run: free ports, its own temporary data directory, removed at the end. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const dataDir = await mkdtemp(join(tmpdir(), "tokentra-stack-"));
  const stack = await startStack({ dataDir, siteUrl: "http://127.0.0.1:3000", persistent: false });
  const { stop, ...shared } = stack;
  project.provide("bareStack", shared);
  return stop;
}
