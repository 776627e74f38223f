import { Decimal } from "decimal.js";
import { assert, asyncProperty, constantFrom, integer, record } from "fast-check";
import { beforeAll, describe, expect, test } from "vitest";
import { type ApiKey, as, makeApiKey, makeOrganization, type Organization } from "../../tests/support/people.ts";
import { type TestStack, testStack } from "../../tests/support/stack.ts";
import { event, send } from "./usage-sending.ts";

const parts = ["volume", "mix", "size", "cache", "fees", "price"] as const;
type Part = (typeof parts)[number];
type Explained = Record<Part | "key" | "cost_before" | "cost_after" | "change", string> & { is_total: boolean; total_rows: string };

let stack: TestStack;
beforeAll(async () => {
  stack = await testStack();
});

const hour = 3_600_000;
const today = Math.floor(Date.now() / hour) * hour;
/** The middle of a window: `before` is two days ago, `after` is yesterday. */
const windows = {
  before: [new Date(today - 48 * hour), new Date(today - 24 * hour)],
  after: [new Date(today - 24 * hour), new Date(today)],
} as const;

function explain(organization: Organization, dimension = "model", filters: Record<string, unknown> = {}): Promise<Explained[]> {
  return as(
    stack,
    organization.owner,
    (tx) => tx<Explained[]>`
    select * from public.explain_change(${organization.id}, ${windows.after[0]}, ${windows.after[1]}, ${windows.before[0]}, ${windows.before[1]},
      ${dimension}, ${tx.json(filters as never)}, 1000)`,
  );
}

type Call = Record<string, unknown> & { times?: number };

async function sendCalls(key: ApiKey, window: keyof typeof windows, calls: Call[]): Promise<void> {
  const middle = windows[window][0].getTime() + 12 * hour;
  const events = calls.flatMap(({ times = 1, ...fields }, place) =>
    Array.from({ length: times }, (_, n) =>
      event({
        timestamp: new Date(middle + place * 60_000 + n).toISOString(),
        input_tokens: 1000,
        cached_input_tokens: undefined,
        output_tokens: 100,
        ...fields,
      }),
    ),
  );
  expect(new Set(await send(stack, key, events))).toEqual(new Set(["accepted"]));
}

describe("what changed alone is what is named, and nothing else", () => {
  // gpt-4o: $2.50 a million input, $1.25 cached, $10 output; gpt-4o-mini: $0.15, $0.075, $0.60.
  const cases: [what: string, before: Call[], after: Call[], expected: Partial<Record<Part, string>>][] = [
    ["twice as many of the same calls", [{ times: 10 }], [{ times: 20 }], { volume: "0.035" }],
    [
      "a shift to the cheaper model",
      [{ times: 4 }, { times: 4, model: "gpt-4o-mini" }],
      [{ times: 2 }, { times: 6, model: "gpt-4o-mini" }],
      // 2 × (0.00021 − 0.0035)
      { mix: "-0.00658" },
    ],
    ["longer prompts", [{ times: 3 }], [{ times: 3, input_tokens: 3000 }], { size: "0.015" }],
    ["longer answers", [{ times: 3 }], [{ times: 3, output_tokens: 200 }], { size: "0.003" }],
    ["half of the prompt from the cache", [{ times: 2 }], [{ times: 2, cached_input_tokens: 500 }], { cache: "-0.00125" }],
    ["the batch tier at half the price", [{ times: 2 }], [{ times: 2, service_tier: "batch" }], { price: "-0.0035" }],
    ["all of it new", [], [{ times: 2 }], { volume: "0.007" }],
    ["all of it gone", [{ times: 2 }], [], { volume: "-0.007" }],
  ];
  test.each(cases)("%s", async (_, before, after, expected) => {
    const organization = await makeOrganization(stack);
    const key = await makeApiKey(stack, organization, { scopes: ["ingest"] });
    if (before.length > 0) await sendCalls(key, "before", before);
    if (after.length > 0) await sendCalls(key, "after", after);
    const [total] = await explain(organization);
    const found = Object.fromEntries(parts.filter((part) => !new Decimal(total![part]).isZero()).map((part) => [part, total![part]]));
    expect(found).toEqual(expected);
  });

  test("web searches are fees", async () => {
    const organization = await makeOrganization(stack);
    const key = await makeApiKey(stack, organization, { scopes: ["ingest"] });
    await sendCalls(key, "before", [{ times: 2, provider: "anthropic", model: "claude-sonnet-4-5" }]);
    await sendCalls(key, "after", [{ times: 2, provider: "anthropic", model: "claude-sonnet-4-5", web_search_calls: 3 }]);
    const [total] = await explain(organization);
    expect(total).toMatchObject({ fees: "0.06", price: "0", size: "0", mix: "0", volume: "0" });
  });
});

describe("parts sum to the change", () => {
  let organization: Organization;
  beforeAll(async () => {
    organization = await makeOrganization(stack, { timeZone: "Asia/Kolkata" });
    const key = await makeApiKey(stack, organization, { scopes: ["ingest"] });
    for (const [window, factor] of [
      ["before", 3],
      ["after", 5],
    ] as const) {
      await sendCalls(
        key,
        window,
        Array.from({ length: 90 }, (_, n) => ({
          model: ["gpt-4o", "gpt-4o-mini", "gpt-4.1", window === "after" ? "gpt-4.1-mini" : "unknown-model"][(n * factor) % 4],
          input_tokens: 17 + n * factor * 7,
          cached_input_tokens: (n * factor) % 17,
          output_tokens: (n * 13) % (30 * factor),
          feature: ["chat", "search", undefined][(n * factor) % 3],
          service_tier: n % 7 ? undefined : "batch",
          environment: n % 2 ? "production" : "staging",
        })),
      );
    }
  });

  test("of every key and of the whole, in every dimension, under every filter", async () => {
    await assert(
      asyncProperty(
        record({
          dimension: constantFrom("none", "provider", "model", "feature", "environment", "service_tier", "team", "api_key"),
          model: constantFrom(undefined, "gpt-4o", "gpt-4.1-mini"),
          feature: constantFrom(undefined, "chat", null),
          turn: integer({ min: 0, max: 1 }),
        }),
        async ({ dimension, model, feature }) => {
          const filters = {
            ...(model === undefined ? {} : { model: [model] }),
            ...(feature === undefined ? {} : { feature: [feature] }),
          };
          const [total, ...rows] = await explain(organization, dimension, filters);
          for (const row of [total!, ...rows]) {
            expect(Decimal.sum(...parts.map((part) => row[part])).toFixed()).toBe(row.change);
            expect(new Decimal(row.cost_after).minus(row.cost_before).toFixed()).toBe(row.change);
          }
          expect(total!.is_total).toBe(true);
          expect(rows.map((row) => row.is_total)).not.toContain(true);
          for (const field of [...parts, "cost_before", "cost_after"] as const) {
            expect(Decimal.sum(...rows.map((row) => row[field])).toFixed()).toBe(new Decimal(total![field]).toFixed());
          }
          const [summary] = await as(
            stack,
            organization.owner,
            (tx) => tx<{ cost: string }[]>`
            select cost from public.spend_summary(${organization.id}, ${windows.after[0]}, ${windows.after[1]}, ${tx.json(filters as never)})`,
          );
          expect(total!.cost_after).toBe(summary!.cost);
        },
      ),
      { numRuns: 40 },
    );
  });

  test("the rollup and the records tell the same story", async () => {
    const [rolled] = await explain(organization, "model");
    const [recorded] = await explain(organization, "model", { status: ["success"] });
    expect(recorded).toEqual(rolled);
  });
});

test("what the journal adds is part of the change, as it is of the totals", async () => {
  const organization = await makeOrganization(stack);
  const key = await makeApiKey(stack, organization, { scopes: ["ingest"] });
  await sendCalls(key, "before", [{ times: 2 }]);
  await sendCalls(key, "after", [{ times: 2 }]);
  const day = windows.after[0].toISOString().slice(0, 10);
  const [entry] = await stack.sql`
    insert into private.cost_adjustments (organization_id, kind, reason, first_day, last_day, lines, amount, created_by_label)
    values (${organization.id}, 'reconciliation', 'As billed', ${day}, ${day}, 1, 0.125, 'a test') returning id`;
  await stack.sql`
    insert into private.cost_adjustment_lines (organization_id, adjustment_id, day, "timestamp", provider, model, component, key, class, amount)
    values (${organization.id}, ${entry!.id}, ${day}, ${new Date(windows.after[0].getTime() + hour)}, 'openai', 'gpt-4o', 'input', '', 'rate', 0.125)`;
  for (const filters of [{}, { provider: ["openai"], status: ["success"] }]) {
    const [total] = await explain(organization, "model", filters);
    const adjusted = "status" in filters ? "0" : "0.125";
    expect(total).toMatchObject({ change: adjusted, price: adjusted, volume: "0", mix: "0", size: "0", cache: "0" });
  }
});

test("nothing at all is no row, and a window without an end is refused", async () => {
  const organization = await makeOrganization(stack);
  expect(await explain(organization)).toEqual([]);
  await expect(
    as(stack, organization.owner, (tx) => tx`select * from public.explain_change(${organization.id}, now(), null, now(), now())`),
  ).rejects.toThrow("beginning and an end");
});
