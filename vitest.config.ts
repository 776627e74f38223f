import { fileURLToPath } from "node:url";
import { defineConfig } from "vitest/config";

const root = fileURLToPath(new URL(".", import.meta.url));

/** One project per layer, so that `npm run check` runs the fast ones alone and `npm run verify` all of them. */
export default defineConfig({
  resolve: { alias: { "@/": root } },
  test: {
    projects: [
      { extends: true, test: { name: "unit", include: ["tests/unit/**/*.test.ts", "tests/house.test.ts"], testTimeout: 30_000 } },
      {
        extends: true,
        test: {
          name: "stack",
          include: ["supabase/local/tests/**/*.test.ts"],
          globalSetup: "supabase/local/tests/global-setup.ts",
          testTimeout: 30_000,
          hookTimeout: 120_000,
        },
      },
      {
        extends: true,
        test: {
          name: "database",
          include: ["supabase/tests/**/*.test.ts"],
          globalSetup: "tests/support/global-setup.ts",
          testTimeout: 30_000,
          hookTimeout: 120_000,
        },
      },
      {
        extends: true,
        test: {
          name: "integration",
          include: ["tests/{integration,conformance,deno}/**/*.test.ts"],
          globalSetup: "tests/support/global-setup.ts",
          testTimeout: 60_000,
          hookTimeout: 120_000,
        },
      },
      {
        extends: true,
        test: {
          name: "e2e",
          include: ["tests/e2e/**/*.test.ts"],
          globalSetup: ["tests/support/global-setup.ts", "tests/support/product-setup.ts"],
          fileParallelism: false,
          // A page under load takes longer than the second that polls wait by default.
          expect: { poll: { timeout: 15_000 } },
          testTimeout: 120_000,
          hookTimeout: 240_000,
        },
      },
    ],
  },
});
