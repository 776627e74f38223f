import { afterAll, beforeAll, describe } from "vitest";
import { type DoorProcess, startDoorProcess } from "../support/door-process.ts";
import { ingestCases } from "../support/ingest-cases.ts";
import { type TestStack, testStack } from "../support/stack.ts";

let stack: TestStack;
let doors: DoorProcess;

beforeAll(async () => {
  stack = await testStack();
  doors = await startDoorProcess(stack);
});
afterAll(() => doors?.stop());

describe("POST /api/sdk/v1/track on Node", () => {
  ingestCases(() => ({ stack, url: `${doors.url}/api/sdk/v1/track` }));
});
