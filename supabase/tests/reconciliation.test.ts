import Decimal from "decimal.js";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type OpenAiCall, type OpenAiCost, openAiBilling, startBillingVendor } from "../../tests/support/billing-vendor.ts";
import { type ApiKey, as, makeApiKey, makeOrganization, type Organization } from "../../tests/support/people.ts";
import { type TestStack, testStack } from "../../tests/support/stack.ts";
import { makeConnection, sync } from "./billing-sync.ts";
import { event, send } from "./usage-sending.ts";

/**
 * One month, built from a provider's bill with every class of difference in it. The provider's side is made of calls and lines in its own
 * API's shape and goes through the real adapter; ours goes through record_usage(). What each class must come to is worked out here.
 */
const Exact = Decimal.clone({ precision: 60 });
const model = "gpt-4o-2024-08-06";
/** US dollars per token on the price list. */
const rates = { input: "0.0000025", cached: "0.00000125", output: "0.00001" };
const daysAgo = (days: number) => new Date(Date.now() - days * 86_400_000).toISOString().slice(0, 10);
const from = daysAgo(31);
const to = daysAgo(-1);

type Volume = { input: number; cached: number; output: number };
const usual: Volume = { input: 1_000_003, cached: 200_001, output: 300_007 };
const price = ({ input, cached, output }: Volume, factor = "1") => ({
  input: new Exact(input - cached).times(rates.input).times(factor),
  "cached input": new Exact(cached).times(rates.cached).times(factor),
  output: new Exact(output).times(rates.output).times(factor),
});
const total = (volume: Volume, factor = "1") => Object.values(price(volume, factor)).reduce((sum, part) => sum.plus(part), new Exact(0));

let stack: TestStack;
let organization: Organization;
let linked: ApiKey;
let loose: ApiKey;
let vendor: Awaited<ReturnType<typeof startBillingVendor>>;
const calls: OpenAiCall[] = [];
const costs: OpenAiCost[] = [];
const rounding = new Exact(0).plus(
  Object.values(price(usual)).reduce((sum, part) => sum.plus(part.toDecimalPlaces(2, Decimal.ROUND_HALF_UP).minus(part)), new Exact(0)),
);

function bill(
  day: string,
  key: string,
  volume: Volume,
  { factor = "1", tier, round = false }: { factor?: string; tier?: "batch"; round?: boolean } = {},
) {
  calls.push({ day, key, model, ...(tier ? { tier } : {}), ...volume });
  for (const [part, amount] of Object.entries(price(volume, factor))) {
    const line = `${model}, ${part}${tier ? `, ${tier}` : ""}`;
    costs.push({ day, key, line, amount: round ? amount.toFixed(2, Decimal.ROUND_HALF_UP) : amount.toFixed() });
  }
}

/** Another call like the usual one of that day: the provider adds the two up. */
function billTwice(day: string) {
  const call = calls.find((known) => known.day === day && known.key === "key_1")!;
  Object.assign(call, { input: usual.input * 2, cached: usual.cached * 2, output: usual.output * 2 });
  for (const cost of costs.filter((known) => known.day === day && known.key === "key_1"))
    cost.amount = new Exact(cost.amount).times(2).toFixed();
}

const track = (key: ApiKey, day: string, volume: Volume, time = "10:00:00") =>
  send(stack, key, [
    event({
      timestamp: `${day}T${time}Z`,
      model,
      input_tokens: volume.input,
      cached_input_tokens: volume.cached,
      output_tokens: volume.output,
    }),
  ]);

/** Day → what makes it differ, and by how much, per class. */
const differing: Record<string, { class: string; amount: Decimal; days: string[] }> = {
  untracked: { class: "untracked", amount: total(usual), days: [daysAgo(20)] },
  tier: { class: "tier", amount: total(usual, "0.5").minus(total(usual)), days: [daysAgo(18)] },
  rate: { class: "rate", amount: total(usual, "0.02"), days: [daysAgo(16)] },
  rounding: { class: "rounding", amount: rounding, days: [daysAgo(14)] },
  "not reported by the API": { class: "not_reported", amount: new Exact("3.25"), days: [daysAgo(10)] },
};

beforeAll(async () => {
  stack = await testStack();
  organization = await makeOrganization(stack, { timeZone: "America/New_York" });
  linked = await makeApiKey(stack, organization);
  loose = await makeApiKey(stack, organization);
  for (let ago = 31; ago >= 3; ago--) {
    const day = daysAgo(ago);
    if (ago === 18) bill(day, "key_1", usual, { tier: "batch", factor: "0.5" });
    else if (ago === 16) bill(day, "key_1", usual, { factor: "1.02" });
    else if (ago === 14) bill(day, "key_1", usual, { round: true });
    else if (ago !== 12) bill(day, "key_1", usual);
    await track(linked, day, usual, ago === 12 ? "23:59:59" : "10:00:00");
    bill(day, "key_2", { input: 5000, cached: 0, output: 700 });
    await track(loose, day, { input: 5000, cached: 0, output: 700 });
  }
  // A call that nothing tracked, one that was tracked before midnight and billed after it, and a fee without usage.
  for (const ago of [20, 11]) billTwice(daysAgo(ago));
  costs.push({ day: daysAgo(10), key: "key_1", line: "web search tool calls", amount: "3.25" });
  // Today is tracked, but not billed yet.
  await track(linked, daysAgo(0), usual, "00:00:01");

  vendor = await startBillingVendor(openAiBilling(calls, costs));
  const id = await makeConnection(stack, organization);
  await sync(stack, organization, { openai: { api: vendor.url } });
  await as(stack, organization.owner, (tx) => tx`select public.link_provider_key(${organization.id}, ${id}, 'key_1', ${linked.id})`);
});
afterAll(() => vendor?.close());

type Line = Record<"day" | "model" | "component" | "key" | "tracked" | "journaled" | "billed" | "difference", string> &
  Record<string, string>;
const classes = ["untracked", "tier", "rate", "rounding", "timing", "not_reported"];
const lines = () =>
  as(
    stack,
    organization.owner,
    (tx) => tx<Line[]>`select *, day::text from public.reconciliation(${organization.id}, ${from}, ${to}, p_limit => 5000)`,
  );
const summary = async () =>
  (
    await as(stack, organization.owner, (tx) => tx<Line[]>`select * from public.reconciliation_summary(${organization.id}, ${from}, ${to})`)
  )[0]!;
const sum = (rows: Line[], field: string) => rows.reduce((all, row) => all.plus(row[field]!), new Exact(0)).toFixed();

async function totals(question: string, wanted: string) {
  const rows = await as(stack, organization.owner, (tx) =>
    tx.unsafe<{ cost: string }[]>(`select cost from public.${question}`, [organization.id, `${from}T00:00:00Z`, `${to}T00:00:00Z`]),
  );
  expect([question, rows.reduce((all, { cost }) => all.plus(cost), new Exact(0)).toFixed()]).toEqual([question, wanted]);
}

describe("a month with every class of difference", () => {
  it("was fetched whole, in windows and pages, with progress", async () => {
    const [connection] = await as(
      stack,
      organization.owner,
      (tx) => tx`select status, error_message, days_done, days_total, key_hint from public.list_connections(${organization.id})`,
    );
    expect(connection).toEqual({ status: "connected", error_message: null, days_done: 32, days_total: 32, key_hint: "0000" });
    expect(vendor.asked.every(({ headers }) => headers.authorization === "Bearer sk-admin-test-0000")).toBe(true);
    const [stored] =
      await stack.sql`select trim_scale(sum(amount))::text as amount from private.provider_cost_lines where organization_id = ${organization.id}`;
    expect(stored!.amount).toBe(costs.reduce((all, { amount }) => all.plus(amount), new Exact(0)).toFixed());
  });

  for (const [name, wanted] of Object.entries(differing)) {
    it(`finds ${name}, and nothing else on that day`, async () => {
      const rows = (await lines()).filter(({ day }) => wanted.days.includes(day));
      for (const name of classes) expect([name, sum(rows, name)]).toEqual([name, name === wanted.class ? wanted.amount.toFixed() : "0"]);
    });
  }

  it("finds timing: one day has what the day before lacks, and today is not billed yet", async () => {
    const all = await lines();
    const of = (day: string) => all.filter((row) => row.day === day);
    expect(sum(of(daysAgo(12)), "timing")).toBe(total(usual).neg().toFixed());
    expect(sum(of(daysAgo(11)), "timing")).toBe(total(usual).toFixed());
    expect(sum(of(daysAgo(0)), "timing")).toBe(total(usual).neg().toFixed());
    for (const name of classes.filter((name) => name !== "timing")) expect(sum([...of(daysAgo(12)), ...of(daysAgo(11))], name)).toBe("0");
  });

  it("takes every difference apart without a rest", async () => {
    const all = await lines();
    expect(all.length).toBeGreaterThan(140);
    for (const row of all) {
      expect(classes.reduce((parts, name) => parts.plus(row[name]!), new Exact(0)).toFixed()).toBe(new Exact(row.difference).toFixed());
      expect(new Exact(row.billed).minus(row.tracked).minus(row.journaled).toFixed()).toBe(new Exact(row.difference).toFixed());
    }
    expect(all.filter(({ key }) => key === linked.id).length).toBeGreaterThan(0);
    expect(all.filter(({ key, difference }) => key === "" && difference !== "0")).toEqual([]);
  });

  it("comes to the same when it is fetched again", async () => {
    const before = await lines();
    await stack.sql`update private.connection_syncs set next_at = now(), synced_to = backfill_from where organization_id = ${organization.id}`;
    await sync(stack, organization, { openai: { api: vendor.url } });
    expect(await lines()).toEqual(before);
  });

  it("is adjusted to the bill: the difference is 0 exactly, the entry is visible, and can be taken back", async () => {
    const before = await summary();
    expect(before.difference).not.toBe("0");
    const [entry] = await as(
      stack,
      organization.owner,
      (tx) => tx<{ id: string }[]>`
        select public.adjust_to_bill(${organization.id}, ${from}, ${to}, 'As billed for the month', ${before.difference!}) as id`,
    );
    const after = await summary();
    expect({ difference: after.difference, open_lines: after.open_lines }).toEqual({ difference: "0", open_lines: "0" });
    for (const name of classes) expect(after[name]).toBe("0");
    expect(new Exact(after.tracked!).plus(after.journaled!).toFixed()).toBe(new Exact(after.billed!).toFixed());
    expect(new Exact(after.journaled!).toFixed()).toBe(new Exact(before.difference!).toFixed());

    // Totals are records plus journal, by every road: undivided, by day, by model, by key, and for the key alone.
    const shown = (question: string) => totals(question, new Exact(after.shown_after!).toFixed());
    await shown("spend_summary($1, $2, $3)");
    await shown("spend_series($1, $2, $3, 'day', 'none')");
    await shown("spend_series($1, $2, $3, 'month', 'model')");
    await shown("spend_by($1, $2, $3, 'provider')");
    await shown("spend_by($1, $2, $3, 'api_key')");
    await shown("spend_by($1, $2, $3, 'feature')");
    await shown(`spend_summary($1, $2, $3, '{"provider": ["openai"]}')`);
    expect(await as(stack, organization.owner, (tx) => tx`select * from public.verify_usage(${organization.id})`)).toEqual([]);

    const listed = await as(stack, organization.owner, (tx) => tx`select * from public.list_adjustments(${organization.id})`);
    expect(listed).toMatchObject([
      { id: entry!.id, kind: "reconciliation", amount: before.difference, reason: "As billed for the month", reversed_by_id: null },
    ]);
    await expect(
      as(
        stack,
        organization.owner,
        (tx) => tx`select public.adjust_to_bill(${organization.id}, ${from}, ${to}, 'Again', ${before.difference!})`,
      ),
    ).rejects.toMatchObject({ code: "PT409" });

    await as(stack, organization.owner, (tx) => tx`select public.reverse_adjustment(${organization.id}, ${entry!.id}, 'A mistake')`);
    expect(await summary()).toEqual(before);
    await expect(
      as(stack, organization.owner, (tx) => tx`select public.reverse_adjustment(${organization.id}, ${entry!.id}, 'Twice')`),
    ).rejects.toMatchObject({ code: "PT409" });
    await expect(stack.sql`update private.cost_adjustments set amount = 0 where id = ${entry!.id}`).rejects.toThrow("append-only");
    await expect(stack.sql`delete from private.cost_adjustment_lines where adjustment_id = ${entry!.id}`).rejects.toThrow("append-only");
    expect(await stack.sql`select * from private.journal_differences(${organization.id}, '-infinity', 'infinity')`).toEqual([]);
  });
});
