import { beforeAll, describe } from "vitest";
import { ingestCases } from "../support/ingest-cases.ts";
import { type TestStack, testStack } from "../support/stack.ts";

let stack: TestStack;

beforeAll(async () => {
  stack = await testStack();
});

describe("the Edge Function ingest-usage on Deno", () => {
  ingestCases(() => ({ stack, url: `${stack.supabaseUrl}/functions/v1/ingest-usage` }));
});
