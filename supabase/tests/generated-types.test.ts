import { readFile } from "node:fs/promises";
import { expect, it } from "vitest";
import { databaseTypes, typesFile } from "../../scripts/types.ts";
import { testStack } from "../../tests/support/stack.ts";

it("lib/supabase/database.types.ts is what the database is: run `npm run types` when it is not", async () => {
  const stack = await testStack();
  expect(await readFile(typesFile, "utf8")).toBe(await databaseTypes(stack.databaseUrl));
});
