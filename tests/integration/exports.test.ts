import { randomInt } from "node:crypto";
import { Decimal } from "decimal.js";
import { parquetReadObjects } from "hyparquet";
import Papa from "papaparse";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { readWithKey } from "../../lib/api/read-with-key.ts";
import { CostsAnswer } from "../../lib/api/schema.ts";
import { cellsOf, requestSheet } from "../../lib/exports/columns.ts";
import { checkFocus } from "../../lib/exports/focus-conformance.ts";
import { type AskAs, requestPages } from "../../lib/exports/pages.ts";
import { createDoorPool } from "../../lib/postgres/pool.ts";
import { type DoorProcess, startDoorProcess } from "../support/door-process.ts";
import { usageEvent } from "../support/ingest-cases.ts";
import { as, makeApiKey, makeOrganization } from "../support/people.ts";
import { type TestStack, testStack } from "../support/stack.ts";

let stack: TestStack;
let doors: DoorProcess;
let sent: Awaited<ReturnType<typeof organizationWithEverything>>;

beforeAll(async () => {
  stack = await testStack();
  doors = await startDoorProcess(stack);
  sent = await organizationWithEverything();
});
afterAll(() => doors?.stop());

const get = (path: string, key = sent.read.key, init: RequestInit = {}) =>
  fetch(`${doors.url}${path}`, { headers: { authorization: `Bearer ${key}` }, ...init });

const strange = [
  '=HYPERLINK("http://evil.example","x")',
  "+1-1",
  "@SUM(A1)",
  "-2+3",
  'comma, "quote"',
  "line\nbreak",
  "tab\there",
  "back\\slash \\N \\.",
  "ünïcode 🙂",
  "'apostrophe",
  "plain",
];

/** Everything that costs differently: models, tiers, caches, audio, searches, no price, our own cache, a discount, a negotiated rate. */
async function organizationWithEverything() {
  const organization = await makeOrganization(stack, { timeZone: "Asia/Kathmandu", name: "=Name, Inc." });
  await as(stack, organization.owner, async (tx) => {
    await tx`select public.set_price_override(${organization.id}, 'openai', p_discount_percent => 12.5)`;
    await tx`select public.set_price_override(${organization.id}, 'anthropic', 'claude-sonnet-4-5', 'input_tokens', p_rate => 0.00000271828)`;
  });
  const [team] = await as(
    stack,
    organization.owner,
    (tx) =>
      tx<{ id: string }[]>`insert into public.teams (organization_id, slug, name) values (${organization.id}, 'a', '=Team') returning id`,
  );
  const ingest = await makeApiKey(stack, organization, { teamId: team!.id });
  const read = await makeApiKey(stack, organization, { scopes: ["read"] });
  const models = [
    ["openai", "gpt-4o"],
    ["openai", "gpt-5-mini"],
    ["anthropic", "claude-sonnet-4-5"],
    ["google", "gemini-2.5-flash"],
    ["deepseek", "deepseek-chat"],
    ["openai", "from-the-future"],
  ];
  const events = Array.from({ length: 400 }, (_, n) => {
    const [provider, model] = models[n % models.length]!;
    const input = randomInt(1, 300_000);
    const output = randomInt(0, 9_000);
    return usageEvent({
      provider,
      model,
      timestamp: new Date(Date.now() - randomInt(60_000, 20 * 86_400_000)).toISOString(),
      input_tokens: input,
      cached_input_tokens: n % 3 === 0 ? randomInt(0, input) : 0,
      cache_write_5m_tokens: n % 3 === 1 && provider === "anthropic" ? randomInt(0, input) : 0,
      output_tokens: output,
      reasoning_tokens: n % 2 === 0 ? randomInt(0, output + 1) : 0,
      service_tier: n % 7 === 0 ? "batch" : null,
      web_search_calls: n % 11 === 0 ? 3 : null,
      cache_hit: n % 13 === 0,
      status: n % 17 === 0 ? "error" : "success",
      feature: strange[n % strange.length],
      user_id: strange[(n + 5) % strange.length],
      environment: n % 4 === 0 ? null : "production",
    });
  });
  const answer = await fetch(`${doors.url}/api/sdk/v1/track`, {
    method: "POST",
    body: JSON.stringify({ events }),
    headers: { authorization: `Bearer ${ingest.key}`, "content-type": "application/json" },
  });
  expect(await answer.json()).toMatchObject({ accepted: events.length, rejected: [] });
  return { organization, ingest, read, events, teamId: team!.id };
}

// Cut in the middle of a day at both ends.
const window = `start_date=${new Date(Date.now() - 15.3 * 86_400_000).toISOString()}&end_date=${new Date(Date.now() - 1.7 * 86_400_000).toISOString()}`;
const sum = (amounts: (string | null | undefined)[]) =>
  amounts.reduce((total, amount) => total.plus(amount || 0), new Decimal(0)).toFixed();
const table = (text: string) => Papa.parse<Record<string, string>>(text.trimEnd(), { header: true, newline: "\r\n" }).data;
const lines = (text: string) =>
  text
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line) as Record<string, string | number | null>);
const read = async (query: string) => (await get(`/api/v1/exports?${window}&${query}`)).text();
async function parquet(query: string) {
  const response = await get(`/api/v1/exports?${window}&format=parquet&${query}`);
  return (await parquetReadObjects({ file: await response.arrayBuffer() })) as Record<string, string | bigint | Date | null>[];
}
const total = async (query = "") => CostsAnswer.parse(await (await get(`/api/v1/costs?${window}&granularity=total&${query}`)).json()).total;

describe("GET /api/v1/exports", () => {
  it("sums to the same in every format, and to what the API answers, to the last digit", async () => {
    const answer = await total();
    expect(answer.requests).toBeGreaterThan(200);
    expect(new Decimal(answer.cost).decimalPlaces()).toBeGreaterThan(8);
    const requests = table(await read("format=csv"));
    const asJson = lines(await read("format=jsonl"));
    const asParquet = await parquet("dataset=requests");
    expect([requests.length, asJson.length, asParquet.length]).toEqual([answer.requests, answer.requests, answer.requests]);
    const sums = {
      csv: sum(requests.map(({ cost }) => cost)),
      jsonl: sum(asJson.map(({ cost }) => cost as string | null)),
      parquet: sum(asParquet.map(({ cost }) => cost as string | null)),
      costsCsv: sum(table(await read("dataset=costs")).map(({ cost }) => cost)),
      costsJsonl: sum(lines(await read("dataset=costs&format=jsonl")).map(({ cost }) => cost as string | null)),
      costsParquet: sum((await parquet("dataset=costs")).map(({ cost }) => cost as string | null)),
      focus: sum(table(await read("format=focus")).map(({ BilledCost }) => BilledCost)),
    };
    expect(sums).toEqual(Object.fromEntries(Object.keys(sums).map((name) => [name, answer.cost])));
    for (const component of ["cost_input", "cost_cached_input", "cost_cache_write", "cost_output", "cost_other"] as const) {
      const priced = requests.filter(({ cost_status }) => cost_status !== "unpriced");
      expect(sum(priced.map((row) => row[component])), component).toBe(answer[component]);
    }
    expect(requests.filter(({ cost }) => cost === "")).toHaveLength(answer.unpriced_requests);
  });

  it("narrows by the same filters as the questions", async () => {
    const filter = "model=gpt-4o&model=gpt-5-mini&status=success";
    const answer = await total(filter);
    expect(answer.requests).toBeGreaterThan(10);
    const rows = table(await read(`format=csv&${filter}`));
    expect([rows.length, sum(rows.map(({ cost }) => cost))]).toEqual([answer.requests, answer.cost]);
    expect(sum(table(await read(`format=focus&${filter}`)).map(({ EffectiveCost }) => EffectiveCost))).toBe(answer.cost);
  });

  it("hands every text on as it was sent; in CSV what a spreadsheet would run gets an apostrophe", async () => {
    const feature = new Map(sent.events.map((event) => [event.request_id, event.feature]));
    const asJson = lines(await read("format=jsonl"));
    for (const row of asJson) expect(row.feature).toBe(feature.get(row.request_id));
    for (const row of await parquet("")) expect(row.feature).toBe(feature.get(row.request_id));
    const rows = table(await read("format=csv"));
    for (const row of rows) {
      const text = String(feature.get(row.request_id));
      expect(row.feature).toBe(/^[=+\-@]/.test(text) ? `'${text}` : text);
    }
    expect(rows.every(({ team_name }) => team_name === "'=Team")).toBe(true);
    expect(asJson.every(({ team_name, team_id }) => team_name === "=Team" && team_id === sent.teamId)).toBe(true);
  });

  it("keeps types: whole numbers, instants with microseconds, nulls", async () => {
    const [json] = lines(await read("format=jsonl"));
    const [row] = await parquet("");
    const event = sent.events.find(({ request_id }) => request_id === json?.request_id);
    expect(json).toMatchObject({ input_tokens: event?.input_tokens, session_id: null, end_user: event?.user_id });
    expect(json?.timestamp).toBe(String(event?.timestamp).replace("Z", "000Z"));
    expect(row).toMatchObject({ request_id: json?.request_id, input_tokens: BigInt(Number(event?.input_tokens)), session_id: null });
    expect(row?.timestamp).toEqual(new Date(String(event?.timestamp)));
  });

  it("is FOCUS 1.2", async () => {
    const parsed = Papa.parse<string[]>((await read("format=focus")).trimEnd(), { newline: "\r\n" }).data;
    const [header = [], ...rows] = parsed;
    expect(rows.length).toBeGreaterThan(50);
    expect(checkFocus(header, rows).slice(0, 5)).toEqual([]);
    const charges = table(await read("format=focus"));
    expect(charges.some(({ ListCost, BilledCost }) => new Decimal(ListCost ?? 0).greaterThan(BilledCost ?? 0))).toBe(true);
    expect(new Set(charges.map(({ SkuMeter }) => SkuMeter))).toContain("Cached Input Tokens");
    expect(charges.every(({ BillingAccountName }) => BillingAccountName === "'=Name, Inc.")).toBe(true);
  });

  it("answers an empty window with a file that has no rows", async () => {
    const empty = "start_date=2020-01-01&end_date=2020-02-01";
    for (const dataset of ["requests", "costs"]) {
      expect((await (await get(`/api/v1/exports?${empty}&dataset=${dataset}`)).text()).split("\r\n")).toHaveLength(2);
      expect(await (await get(`/api/v1/exports?${empty}&format=jsonl&dataset=${dataset}`)).text()).toBe("");
      const file = await (await get(`/api/v1/exports?${empty}&format=parquet&dataset=${dataset}`)).arrayBuffer();
      expect(await parquetReadObjects({ file })).toEqual([]);
    }
  });

  it("pages without gap or repetition, also within one instant, and stops when the key is revoked", async () => {
    const organization = await makeOrganization(stack);
    const ingest = await makeApiKey(stack, organization);
    const reader = await makeApiKey(stack, organization, { scopes: ["read"] });
    const timestamp = new Date(Date.now() - 3_600_000).toISOString();
    const events = Array.from({ length: 50 }, (_, n) => usageEvent(n % 5 === 0 ? {} : { timestamp }));
    await fetch(`${doors.url}/api/sdk/v1/track`, {
      method: "POST",
      body: JSON.stringify({ events }),
      headers: { authorization: `Bearer ${ingest.key}`, "content-type": "application/json" },
    });
    const pool = createDoorPool(stack.databaseUrl, { max: 1 });
    try {
      const ask: AskAs = async (question) =>
        (await readWithKey(pool, reader.hash, (transaction, { organizationId }) => question(transaction, organizationId))).answer;
      const all = { from: "-infinity", to: "infinity", timeZone: "UTC", filters: "{}" };
      const id = requestSheet.source.indexOf("request_id");
      const seen: (string | undefined)[] = [];
      const sizes: number[] = [];
      for await (const lines of requestPages(ask, all, 7)) {
        sizes.push(lines.length);
        seen.push(...lines.map((line) => cellsOf(line)[id]));
      }
      expect(sizes).toEqual([7, 7, 7, 7, 7, 7, 7, 1]);
      expect(new Set(seen)).toEqual(new Set(events.map(({ request_id }) => request_id)));
      const pages = requestPages(ask, all, 7);
      expect((await pages.next()).done).toBe(false);
      await as(stack, organization.owner, (tx) => tx`select public.revoke_api_key(${organization.id}, ${reader.id})`);
      await expect(pages.next()).rejects.toMatchObject({ code: "unauthenticated" });
    } finally {
      await pool.end();
    }
  });

  it("needs a key of scope read, names what it cannot take, and says what file it is", async () => {
    expect((await get("/api/v1/exports", sent.ingest.key)).status).toBe(403);
    expect((await fetch(`${doors.url}/api/v1/exports`)).status).toBe(401);
    expect((await get("/api/v1/exports?format=xlsx")).status).toBe(400);
    expect((await get("/api/v1/exports?end_date=2020-01-01&start_date=2021-01-01")).status).toBe(400);
    const response = await get("/api/v1/exports?start_date=2020-01-01T00:00:00Z&end_date=2020-02-01T00:00:00Z&format=focus");
    expect(response.headers.get("content-disposition")).toBe('attachment; filename="tokentra-costs-2020-01-01-2020-02-01.focus.csv"');
    await response.body?.cancel();
  });

  it("shows another organization nothing of it", async () => {
    const other = await makeOrganization(stack);
    const key = await makeApiKey(stack, other, { scopes: ["read"] });
    expect((await (await get(`/api/v1/exports?${window}`, key.key)).text()).split("\r\n")).toHaveLength(2);
    expect((await (await get(`/api/v1/exports?${window}&team=${sent.teamId}&format=focus`, key.key)).text()).split("\r\n")).toHaveLength(2);
  });
});
