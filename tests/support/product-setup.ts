import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import type { TestProject } from "vitest/node";
import { buildPages } from "../../scripts/build.ts";
import type { Child } from "../../scripts/child.ts";
import { startServer } from "../../scripts/server.ts";
import { root } from "./repository.ts";
import type { StackAddresses } from "./stack.ts";

/** The environment in which the product runs against the stack of this test run. */
export function productEnvironment(stack: StackAddresses): Record<string, string> {
  return {
    PORT: new URL(stack.siteUrl).port,
    SITE_URL: stack.siteUrl,
    SUPABASE_URL: stack.supabaseUrl,
    SUPABASE_PUBLISHABLE_KEY: stack.publishableKey,
    SUPABASE_SECRET_KEY: stack.secretKey,
    DATABASE_URL: stack.databaseUrl,
    LOG_LEVEL: "warn",
  };
}

/** Builds the pages if need be and serves the product for the browser tests, as `npm run up` does. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const stack = project.getProvidedContext().stack;
  await buildPages();
  await mkdir(join(root, "test-results"), { recursive: true });
  const server: Child = await startServer(productEnvironment(stack), [], join(root, "test-results", "server.log"));
  return () => server.stop();
}
