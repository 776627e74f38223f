import { beforeAll, expect, test } from "vitest";
import { DEFAULT_CHOICE, resolveRange } from "../../lib/core/time-range.ts";
import { become, makeApiKey, makeOrganization, type Organization } from "../../tests/support/people.ts";
import { type TestStack, testStack } from "../../tests/support/stack.ts";
import { event, send } from "./usage-sending.ts";

const zone = "Europe/Berlin";
const hour = 3_600_000;
let stack: TestStack;
let organization: Organization;

/** One request per hour of February and March, each of another size, so that a sum tells which hours it is of. */
beforeAll(async () => {
  stack = await testStack();
  organization = await makeOrganization(stack, { timeZone: zone });
  const key = await makeApiKey(stack, organization, { scopes: ["ingest", "admin"] });
  const first = Date.parse("2026-01-31T23:00:00Z");
  const events = Array.from({ length: (28 + 31) * 24 }, (_, n) =>
    event({
      timestamp: new Date(first + n * hour + 60_000).toISOString(),
      input_tokens: 1000 + n,
      cached_input_tokens: 0,
      output_tokens: n % 7,
    }),
  );
  for (let at = 0; at < events.length; at += 500) await send(stack, key, events.slice(at, at + 500), "import");
});

type Month = { cost: string; requests: number };

/** The document of the first page as it would be at another moment; its definition with that moment for now(), undone afterwards. */
async function overviewAt(now: string): Promise<{ month: Month; month_previous: Month }> {
  const undo = new Error("undo");
  let answer: { month: Month; month_previous: Month } | undefined;
  await stack.sql
    .begin(async (tx) => {
      const [row] = await tx`select pg_get_functiondef('public.overview(uuid)'::regprocedure) as definition`;
      const definition = row!.definition as string;
      const frozen = definition.replace("v_now timestamptz := now()", `v_now timestamptz := '${now}'`);
      expect(frozen).not.toBe(definition);
      await tx.unsafe(frozen);
      await become(tx, organization.owner);
      const [document] = await tx`select public.overview(${organization.id}) as overview`;
      answer = document!.overview as typeof answer;
      throw undo;
    })
    .catch((error: unknown) => {
      if (error !== undo) throw error;
    });
  return answer!;
}

async function screenAt(now: string): Promise<Month> {
  const { compare } = resolveRange({ ...DEFAULT_CHOICE, preset: "mtd" }, zone, now);
  const [row] = await stack.sql.begin(async (tx) => {
    await become(tx, organization.owner);
    return tx<Month[]>`
      select cost, requests::int from public.spend_summary(${organization.id}, ${compare!.from}::text::timestamptz, ${compare!.toDate}::text::timestamptz)`;
  });
  return row!;
}

test.each([
  ["2026-03-27T10:00:00Z", 26 * 24 + 11],
  ["2026-03-28T10:00:00Z", 27 * 24 + 11],
  // In summer time, while February's last day is in winter time.
  ["2026-03-29T10:00:00Z", 27 * 24 + 12],
  ["2026-03-30T10:00:00Z", 27 * 24 + 12],
  ["2026-03-31T10:00:00Z", 27 * 24 + 12],
  // Half past eleven in the evening there: the last hour of February counts up to then.
  ["2026-03-31T21:30:00Z", 28 * 24],
])("at %s screen and document compare the month with the same part of February", async (now, hours) => {
  const { month_previous } = await overviewAt(now);
  const screen = await screenAt(now);
  expect(Number(month_previous.requests)).toBe(hours);
  expect(screen).toEqual({ cost: month_previous.cost, requests: hours });
});
