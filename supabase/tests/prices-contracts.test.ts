import { beforeAll, describe, expect, test } from "vitest";
import { as, makeOrganization, type Organization } from "../../tests/support/people.ts";
import { type TestStack, testStack } from "../../tests/support/stack.ts";
import { plain, readHand, sum } from "./prices-hand.ts";
import { type Question, quote, quoteOne, resolve, type Usage } from "./prices-quote.ts";

let stack: TestStack;
beforeAll(async () => {
  stack = await testStack();
});

interface Override {
  provider?: string;
  model?: string;
  unit?: string;
  rate?: string;
  discount?: string;
  tier?: string;
  from?: string;
  to?: string;
}

/** Sets an override as the owner of the organization, through the public function. */
async function agree(organization: Organization, o: Override): Promise<string> {
  const [row] = await as(
    stack,
    organization.owner,
    (tx) => tx<{ id: string }[]>`
      select public.set_price_override(${organization.id}, ${o.provider ?? null}, ${o.model ?? null}, ${o.unit ?? null}, ${o.rate ?? null},
        ${o.discount ?? null}, ${o.tier ?? null}, ${o.from ?? null}, ${o.to ?? null}, 'deal 7') as id`,
  );
  return row!.id;
}

const at = "2026-10-05T12:00:00Z";
const usage: Usage = { input_tokens: 1000, cached_input_tokens: 200, output_tokens: 100 };
const gpt4o = { provider: "openai", model: "gpt-4o", at, usage };

interface Case {
  name: string;
  overrides: Override[];
  question: Question;
  hand: string;
  status?: string;
}

const cases: Case[] = [
  { name: "no contract: the list", overrides: [], question: gpt4o, hand: "800 × 2.50/M + 200 × 1.25/M + 100 × 10/M = 0.00325" },
  {
    name: "a percentage off everything",
    overrides: [{ discount: "10" }],
    question: gpt4o,
    hand: "800 × 2.50/M × 0.9 + 200 × 1.25/M × 0.9 + 100 × 10/M × 0.9 = 0.002925",
  },
  {
    name: "an odd percentage stays exact",
    overrides: [{ provider: "openai", discount: "7.125" }],
    question: gpt4o,
    hand: "800 × 2.50/M × 0.92875 + 200 × 1.25/M × 0.92875 + 100 × 10/M × 0.92875 = 0.0030184375",
  },
  {
    name: "the most specific discount counts, once",
    overrides: [{ discount: "50" }, { provider: "openai", discount: "40" }, { provider: "openai", model: "gpt-4o", discount: "20" }],
    question: gpt4o,
    hand: "800 × 2.50/M × 0.8 + 200 × 1.25/M × 0.8 + 100 × 10/M × 0.8 = 0.0026",
  },
  {
    name: "somebody else's model is not discounted",
    overrides: [
      { provider: "anthropic", discount: "50" },
      { provider: "openai", model: "gpt-5", discount: "50" },
    ],
    question: gpt4o,
    hand: "800 × 2.50/M + 200 × 1.25/M + 100 × 10/M = 0.00325",
  },
  {
    name: "a negotiated rate replaces the list rate of its unit only",
    overrides: [{ provider: "openai", model: "gpt-4o", unit: "output_tokens", rate: "0.000007" }],
    question: gpt4o,
    hand: "800 × 2.50/M + 200 × 1.25/M + 100 × 7/M = 0.00295",
  },
  {
    name: "a negotiated rate is not discounted again",
    overrides: [{ discount: "10" }, { provider: "openai", model: "gpt-4o", unit: "output_tokens", rate: "0.000007" }],
    question: gpt4o,
    hand: "800 × 2.50/M × 0.9 + 200 × 1.25/M × 0.9 + 100 × 7/M = 0.002725",
  },
  {
    name: "a negotiated input rate does not lift the cached one",
    overrides: [{ provider: "openai", model: "gpt-4o", unit: "input_tokens", rate: "0.000001" }],
    question: gpt4o,
    hand: "800 × 1/M + 200 × 1.25/M + 100 × 10/M = 0.00205",
  },
  {
    name: "the vendor's batch factor applies to a negotiated rate",
    overrides: [{ provider: "openai", model: "gpt-4o", unit: "output_tokens", rate: "0.000007" }],
    question: { ...gpt4o, service_tier: "batch" },
    hand: "800 × 2.50/M × 0.5 + 200 × 1.25/M × 0.5 + 100 × 7/M × 0.5 = 0.001475",
  },
  {
    name: "a rate negotiated for batch is the batch rate",
    overrides: [{ provider: "openai", model: "gpt-4o", unit: "output_tokens", rate: "0.000003", tier: "batch" }],
    question: { ...gpt4o, service_tier: "batch" },
    hand: "800 × 2.50/M × 0.5 + 200 × 1.25/M × 0.5 + 100 × 3/M = 0.001425",
  },
  {
    name: "free by contract is zero, not missing",
    overrides: [{ provider: "openai", model: "gpt-4o", discount: "100" }],
    question: gpt4o,
    hand: "800 × 0/M + 200 × 0/M + 100 × 0/M = 0",
  },
  {
    name: "a discount reaches tool fees",
    overrides: [{ provider: "anthropic", discount: "25" }],
    question: { provider: "anthropic", model: "claude-opus-5", at, usage: { input_tokens: 100, other_units: { web_search_calls: 4 } } },
    hand: "100 × 5/M × 0.75 + 4 × 10/k × 0.75 = 0.030375",
  },
  {
    name: "before the contract begins",
    overrides: [{ discount: "10", from: "2026-10-05T12:00:00.001Z" }],
    question: gpt4o,
    hand: "800 × 2.50/M + 200 × 1.25/M + 100 × 10/M = 0.00325",
  },
  {
    name: "in the instant the contract begins",
    overrides: [{ discount: "10", from: at }],
    question: gpt4o,
    hand: "800 × 2.50/M × 0.9 + 200 × 1.25/M × 0.9 + 100 × 10/M × 0.9 = 0.002925",
  },
  {
    name: "in the instant the contract ends",
    overrides: [{ discount: "10", to: at }],
    question: gpt4o,
    hand: "800 × 2.50/M + 200 × 1.25/M + 100 × 10/M = 0.00325",
  },
  {
    name: "a later agreement replaces its time of the earlier one",
    overrides: [{ discount: "10" }, { discount: "20", from: "2026-10-01T00:00:00Z", to: "2026-11-01T00:00:00Z" }],
    question: gpt4o,
    hand: "800 × 2.50/M × 0.8 + 200 × 1.25/M × 0.8 + 100 × 10/M × 0.8 = 0.0026",
  },
  {
    name: "and leaves the rest of it in force",
    overrides: [{ discount: "10" }, { discount: "20", from: "2026-10-01T00:00:00Z", to: "2026-11-01T00:00:00Z" }],
    question: { ...gpt4o, at: "2026-11-01T00:00:00Z" },
    hand: "800 × 2.50/M × 0.9 + 200 × 1.25/M × 0.9 + 100 × 10/M × 0.9 = 0.002925",
  },
  {
    name: "a model of one's own is priced by its override",
    overrides: [
      { provider: "acme-gpus", model: "Llama-In-House", unit: "input_tokens", rate: "0.0000004" },
      { provider: "acme-gpus", model: "llama-in-house", unit: "output_tokens", rate: "0" },
    ],
    question: { provider: "Acme-GPUs", model: "llama-in-house", at, usage },
    hand: "800 × 0.40/M + 200 × 0.40/M + 100 × 0/M = 0.0004",
  },
  {
    name: "a spelling of a provider and of a model leads to the same agreement",
    overrides: [{ provider: "OpenAI", model: "gpt-4o-2024-08-06", unit: "output_tokens", rate: "0.000007" }],
    question: gpt4o,
    hand: "800 × 2.50/M + 200 × 1.25/M + 100 × 7/M = 0.00295",
  },
  {
    name: "an override on a model the list knows by a prefix only: that name alone, exactly",
    overrides: [
      { provider: "openai", model: "ft:gpt-4o-2024-08-06:acme::1", unit: "input_tokens", rate: "0.000003" },
      { provider: "openai", model: "ft:gpt-4o-2024-08-06:acme::1", unit: "output_tokens", rate: "0.000012" },
    ],
    question: { provider: "openai", model: "ft:gpt-4o-2024-08-06:acme::1", at, usage: { input_tokens: 1000, output_tokens: 100 } },
    hand: "1000 × 3/M + 100 × 12/M = 0.0042",
  },
];

test.each(cases)("$name", async ({ overrides, question, hand, status }) => {
  const organization = await makeOrganization(stack);
  for (const override of overrides) await agree(organization, override);
  const answer = await quoteOne(stack.sql, { ...question, organization_id: organization.id });
  const worked = readHand(hand);
  expect(worked.sum).toBe(worked.claimed);
  expect({ cost: plain(answer.cost!), status: answer.status }).toEqual({ cost: worked.claimed, status: status ?? "exact" });
  expect(sum(answer.receipt.map((line) => line.amount))).toBe(worked.claimed);
});

test("nobody else is touched: another organization pays the list, in the same batch", async () => {
  const [ours, theirs] = [await makeOrganization(stack), await makeOrganization(stack)];
  await agree(ours, { discount: "50" });
  const answers = await quote(stack.sql, [
    { ...gpt4o, organization_id: ours.id },
    { ...gpt4o, organization_id: theirs.id },
  ]);
  expect(answers.map((a) => a.cost)).toEqual(["0.001625", "0.00325"]);
});

test("the receipt shows list and contract side by side", async () => {
  const organization = await makeOrganization(stack);
  const id = await agree(organization, { discount: "10" });
  const { receipt } = await quoteOne(stack.sql, { ...gpt4o, organization_id: organization.id });
  expect(receipt.find((line) => line.unit === "output_tokens")).toMatchObject({
    quantity: "100",
    rate: "0.000009",
    list_rate: "0.00001",
    discount_percent: "10",
    contract_id: Number(id),
    amount: "0.0009",
  });
});

test("a report as known before the deal shows the list price", async () => {
  const organization = await makeOrganization(stack);
  await agree(organization, { discount: "10" });
  const [before] = await stack.sql<{ now: string }[]>`select clock_timestamp()::text as now`;
  await agree(organization, { discount: "90" });
  const rate = async (knownAt?: string) => {
    const id = await resolve(stack.sql, { ...gpt4o, organization_id: organization.id, ...(knownAt ? { knownAt } : {}) });
    const [row] = await stack.sql<{ rate: string }[]>`select input_rate::text as rate from private.price_cards where id = ${id}`;
    return row!.rate;
  };
  expect(await rate(before!.now)).toBe("0.00000225");
  expect(await rate()).toBe("0.00000025");
});

describe("setting an override", () => {
  test("takes effect on the next record, and taking it back too", async () => {
    const organization = await makeOrganization(stack);
    const cost = async () => (await quoteOne(stack.sql, { ...gpt4o, organization_id: organization.id })).cost;
    expect(await cost()).toBe("0.00325");
    const id = await agree(organization, { discount: "10" });
    expect(await cost()).toBe("0.002925");
    await as(stack, organization.owner, (tx) => tx`select public.end_price_override(${organization.id}, ${id})`);
    expect(await cost()).toBe("0.00325");
  });

  test("is written to the audit log and listed", async () => {
    const organization = await makeOrganization(stack);
    await agree(organization, { provider: "openai", model: "gpt-4o", unit: "output_tokens", rate: "0.000007" });
    const [entry] = await stack.sql`
      select action, actor_id, changes -> 'rate' ->> 'new' as rate from public.audit_log
      where organization_id = ${organization.id} and entity_type = 'price_override'`;
    expect(entry).toEqual({ action: "price_override.created", actor_id: organization.owner.id, rate: "0.000007" });
    const listed = await as(stack, organization.owner, (tx) => tx`select * from public.list_price_overrides(${organization.id})`);
    expect(listed).toMatchObject([
      { provider: "openai", model: "gpt-4o", unit: "output_tokens", rate: "0.000007", discount_percent: null, note: "deal 7" },
    ]);
  });

  test.each<[string, Override, string]>([
    ["neither rate nor discount", {}, "rate"],
    ["both", { provider: "openai", model: "gpt-4o", unit: "output_tokens", rate: "1", discount: "1" }, "rate"],
    ["a negative rate", { provider: "openai", model: "gpt-4o", unit: "output_tokens", rate: "-1" }, "rate"],
    ["a rate that is no number", { provider: "openai", model: "gpt-4o", unit: "output_tokens", rate: "NaN" }, "rate"],
    ["a rate without end", { provider: "openai", model: "gpt-4o", unit: "output_tokens", rate: "Infinity" }, "rate"],
    ["more than everything off", { discount: "100.01" }, "discount_percent"],
    ["a rate without a unit", { provider: "openai", model: "gpt-4o", rate: "1" }, "unit"],
    ["a model without its provider", { model: "gpt-4o", discount: "1" }, "provider"],
    ["a unit with strange letters", { provider: "openai", model: "gpt-4o", unit: "output tokens;", rate: "1" }, "unit"],
    ["an end before the beginning", { discount: "1", from: "2026-02-01Z", to: "2026-01-01Z" }, "valid_to"],
  ])("refuses %s", async (_, override, field) => {
    const organization = await makeOrganization(stack);
    await expect(agree(organization, override)).rejects.toMatchObject({
      code: "PT400",
      detail: JSON.stringify({ code: "invalid", field }).replaceAll(",", ", ").replaceAll(":", ": "),
    });
  });
});

test("contracts go with their organization", async () => {
  const organization = await makeOrganization(stack);
  await agree(organization, { discount: "10" });
  await stack.sql`delete from public.organizations where id = ${organization.id}`;
  const [row] = await stack.sql`select count(*)::int as n from private.price_contracts where organization_id = ${organization.id}`;
  expect(row!.n).toBe(0);
});
