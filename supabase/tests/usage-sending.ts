import { recordUsage } from "../../lib/ingest/record-usage.ts";
import type { EventResult } from "../../lib/ingest/submission.ts";
import { readEvent, type UsageEvent } from "../../lib/usage/schema.ts";
import type { ApiKey, Organization } from "../../tests/support/people.ts";
import type { TestStack } from "../../tests/support/stack.ts";

let serial = 0;

/** A good event as the door hands it on; priced by the catalogue unless `fields` say otherwise. */
export function event(fields: Record<string, unknown> = {}): UsageEvent {
  const sent = {
    request_id: `r-${process.pid}-${++serial}`,
    timestamp: new Date().toISOString(),
    provider: "openai",
    model: "gpt-4o",
    input_tokens: 1000,
    cached_input_tokens: 200,
    output_tokens: 300,
    latency_ms: 900,
    ...fields,
  };
  const reading = readEvent(sent);
  if (!reading.event) throw new Error(`${reading.field} ${reading.refusal.rule}`);
  return reading.event;
}

/** Sends events under a key and returns what became of each. */
export async function send(
  stack: TestStack,
  key: ApiKey,
  events: UsageEvent[],
  source: "sdk" | "import" = "sdk",
): Promise<EventResult["code"][]> {
  const [outcome] = await recordUsage(stack.sql, [{ keyHash: key.hash, events }], { source });
  if (outcome!.outcome !== "ok") throw new Error(outcome!.outcome);
  return outcome!.results.map(({ code }) => code);
}

/** What verify_usage() would say, asked as the database itself. */
export function differences(stack: TestStack, organization: Organization) {
  return stack.sql`select rollup, bucket, key, field, rollup_value, record_value from private.usage_differences(${organization.id})`;
}
