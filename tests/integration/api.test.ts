import { Decimal } from "decimal.js";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { CostsAnswer, PricesAnswer, RequestsAnswer, UsageAnswer } from "../../lib/api/schema.ts";
import { type DoorProcess, startDoorProcess } from "../support/door-process.ts";
import { usageEvent } from "../support/ingest-cases.ts";
import { as, makeApiKey, makeOrganization } from "../support/people.ts";
import { type TestStack, testStack } from "../support/stack.ts";

let stack: TestStack;
let doors: DoorProcess;

beforeAll(async () => {
  stack = await testStack();
  doors = await startDoorProcess(stack);
});
afterAll(() => doors?.stop());

const get = (path: string, key?: string) =>
  fetch(`${doors.url}${path}`, { headers: key === undefined ? {} : { authorization: `Bearer ${key}` } });

const daysAgo = (days: number) => new Date(Date.now() - days * 86_400_000).toISOString().slice(0, 10);
const sum = (amounts: string[]) => amounts.reduce((total, amount) => total.plus(amount), new Decimal(0)).toFixed();

async function organizationWithUsage() {
  const organization = await makeOrganization(stack);
  const ingest = await makeApiKey(stack, organization);
  const read = await makeApiKey(stack, organization, { scopes: ["read"] });
  const events = [
    usageEvent({ feature: "search" }),
    usageEvent({ model: "gpt-4o-mini" }),
    usageEvent({ model: "from-the-future", request_id: `a/b ü%-${crypto.randomUUID()}` }),
  ];
  const sent = await fetch(`${doors.url}/api/sdk/v1/track`, {
    method: "POST",
    body: JSON.stringify({ events }),
    headers: { authorization: `Bearer ${ingest.key}`, "content-type": "application/json" },
  });
  expect(await sent.json()).toMatchObject({ accepted: 3 });
  return { organization, ingest, read, events };
}

describe("GET /api/v1/overview", () => {
  it("answers what the owner sees on the first page, digit for digit", async () => {
    const { organization, read } = await organizationWithUsage();
    const response = await get("/api/v1/overview", read.key);
    expect(response.status).toBe(200);
    expect(response.headers.get("cache-control")).toBe("private, no-store");
    const document = (await response.json()) as { today: Record<string, unknown> };
    const [own] = await as(
      stack,
      organization.owner,
      (tx) => tx<{ overview: typeof document }[]>`select public.overview(${organization.id}) as overview`,
    );
    expect(document.today).toEqual(own?.overview.today);
    expect(document.today).toMatchObject({ requests: 3, unpriced_requests: 1 });
    expect(typeof document.today.cost).toBe("string");
  });

  it("needs a key of scope read", async () => {
    const { ingest } = await organizationWithUsage();
    expect((await get("/api/v1/overview")).status).toBe(401);
    expect((await get("/api/v1/overview", `tt_live_${"x".repeat(43)}`)).status).toBe(401);
    expect((await get("/api/v1/overview", ingest.key)).status).toBe(403);
  });

  it("stops with the revocation of the key", async () => {
    const { organization, read } = await organizationWithUsage();
    expect((await get("/api/v1/overview", read.key)).status).toBe(200);
    await as(stack, organization.owner, (tx) => tx`select public.revoke_api_key(${organization.id}, ${read.id})`);
    expect((await get("/api/v1/overview", read.key)).status).toBe(401);
  });
});

describe("GET /api/v1/requests/{request_id}", () => {
  it("answers the record with cost, status and receipt", async () => {
    const { read, events } = await organizationWithUsage();
    for (const event of events) {
      const response = await get(`/api/v1/requests/${encodeURIComponent(String(event.request_id))}`, read.key);
      expect(response.status).toBe(200);
      expect(await response.json()).toMatchObject({ request_id: event.request_id, model: event.model, input_tokens: 1_000 });
    }
    const priced = (await (await get(`/api/v1/requests/${events[0]?.request_id}`, read.key)).json()) as Record<string, unknown>;
    expect(priced).toMatchObject({ cost_status: "exact", feature: "search" });
    expect(priced.cost).toMatch(/^0\.00\d+$/);
    const unpriced = await get(`/api/v1/requests/${encodeURIComponent(String(events[2]?.request_id))}`, read.key);
    expect(await unpriced.json()).toMatchObject({ cost: null, cost_status: "unpriced" });
  });

  it("says the same for another organization's request as for one that never was", async () => {
    const mine = await organizationWithUsage();
    const theirs = await organizationWithUsage();
    const answers = await Promise.all(
      [String(theirs.events[0]?.request_id), "never-was", encodeURIComponent("\0"), "x".repeat(300)].map(async (id) => {
        const response = await get(`/api/v1/requests/${id}`, mine.read.key);
        const headers = [...response.headers].filter(([name]) => !["x-request-id", "date", "ratelimit"].includes(name));
        return JSON.stringify([response.status, headers, (await response.text()).replace(/req_\w+/, "")]);
      }),
    );
    expect(new Set(answers).size).toBe(1);
    expect(answers[0]).toContain("404");
  });

  it("needs a key of scope read", async () => {
    const { ingest, events } = await organizationWithUsage();
    expect((await get(`/api/v1/requests/${events[0]?.request_id}`)).status).toBe(401);
    expect((await get(`/api/v1/requests/${events[0]?.request_id}`, ingest.key)).status).toBe(403);
  });
});

describe("the machine doors", () => {
  it("answer what is not there in JSON and leave pages to the pages", async () => {
    expect((await get("/api/v1/nothing")).headers.get("content-type")).toContain("application/json");
    expect((await get("/api/v1/nothing")).status).toBe(404);
    expect((await get("/api/v1beta")).headers.get("content-type")).toContain("text/plain");
    const post = await fetch(`${doors.url}/api/v1/overview`, { method: "POST" });
    expect([post.status, post.headers.get("allow")]).toEqual([405, "GET, HEAD"]);
  });
});

describe("GET /api/v1/costs and /usage", () => {
  it("split to the same total as the screens, to the last digit, and in the documented shape", async () => {
    const { organization, read } = await organizationWithUsage();
    const [own] = await as(
      stack,
      organization.owner,
      (tx) => tx<{ cost: string; requests: string }[]>`
        select cost, requests::text from public.spend_summary(${organization.id}, now() - interval '2 days', now() + interval '1 hour')`,
    );
    for (const query of ["granularity=total&group_by=model", "granularity=total&group_by=none", "granularity=total&group_by=feature"]) {
      const answer = CostsAnswer.parse(await (await get(`/api/v1/costs?${query}&start_date=${daysAgo(2)}`, read.key)).json());
      expect(answer.total).toMatchObject({ cost: own?.cost, requests: Number(own?.requests), unpriced_requests: 1 });
      expect(sum(answer.data.map(({ cost }) => cost))).toBe(own?.cost);
      expect(answer.total_rows).toBe(answer.data.length);
    }
    const byHour = CostsAnswer.parse(
      await (await get(`/api/v1/costs?granularity=hour&group_by=model&start_date=${daysAgo(2)}`, read.key)).json(),
    );
    expect(byHour.data.map(({ key }) => key).toSorted()).toEqual(["from-the-future", "gpt-4o", "gpt-4o-mini"]);
    expect(sum(byHour.data.map(({ cost }) => cost))).toBe(own?.cost);
    const usage = UsageAnswer.parse(await (await get(`/api/v1/usage?group_by=provider&start_date=${daysAgo(2)}`, read.key)).json());
    expect(usage.total).toMatchObject({ requests: 3, errors: 0, input_tokens: 3_000, output_tokens: 300 });
  });

  it("narrow by filters, compare with the time before, and answer an empty window with zeros", async () => {
    const { read } = await organizationWithUsage();
    const narrowed = CostsAnswer.parse(
      await (
        await get(`/api/v1/costs?granularity=total&model=gpt-4o&model=gpt-4o-mini&start_date=${daysAgo(2)}&compare=previous`, read.key)
      ).json(),
    );
    expect(narrowed.total).toMatchObject({ requests: 2, unpriced_requests: 0, previous_cost: "0", previous_requests: 0 });
    expect(narrowed.total.change_cost).toBe(narrowed.total.cost);
    const empty = CostsAnswer.parse(await (await get("/api/v1/costs?start_date=2020-01-01&end_date=2020-02-01", read.key)).json());
    expect(empty).toMatchObject({ total: { cost: "0", requests: 0 }, data: [], total_rows: 0 });
    expect(
      UsageAnswer.parse(await (await get("/api/v1/usage?start_date=2020-01-01&end_date=2020-02-01", read.key)).json()).total.requests,
    ).toBe(0);
  });

  it("begin days where the organization's days begin", async () => {
    const organization = await makeOrganization(stack, { timeZone: "Asia/Kolkata" });
    const read = await makeApiKey(stack, organization, { scopes: ["read"] });
    const answer = CostsAnswer.parse(await (await get("/api/v1/costs?start_date=2026-03-01&end_date=2026-04-01", read.key)).json());
    expect(answer).toMatchObject({ start: "2026-03-01T00:00:00+05:30", end: "2026-04-01T00:00:00+05:30", time_zone: "Asia/Kolkata" });
  });

  it("refuse what they cannot take by name", async () => {
    const { read } = await organizationWithUsage();
    for (const [query, param] of [
      ["start_date=2026-02-01&end_date=2026-01-01", "end_date"],
      ["granularity=minute&start_date=2026-01-01", "granularity"],
      ["colour=red", "colour"],
    ]) {
      const refused = await get(`/api/v1/costs?${query}`, read.key);
      expect(refused.status).toBe(400);
      expect(await refused.json()).toMatchObject({ error: { code: "invalid", param } });
    }
  });
});

describe("GET /api/v1/requests", () => {
  it("pages newest first without gap or repetition while requests arrive", async () => {
    const { ingest, read } = await organizationWithUsage();
    const send = (events: unknown[]) =>
      fetch(`${doors.url}/api/sdk/v1/track`, {
        method: "POST",
        body: JSON.stringify({ events }),
        headers: { authorization: `Bearer ${ingest.key}`, "content-type": "application/json" },
      });
    // Many at the same instant, so that the id has to decide.
    const timestamp = new Date(Date.now() - 3_600_000).toISOString();
    const events = Array.from({ length: 25 }, () => usageEvent({ timestamp, feature: "paged" }));
    expect((await send(events)).status).toBe(200);
    const seen: string[] = [];
    let cursor: string | null = "";
    for (let pages = 0; cursor !== null && pages < 10; pages += 1) {
      const page = RequestsAnswer.parse(
        await (
          await get(`/api/v1/requests?feature=paged&limit=10&start_date=${daysAgo(2)}${cursor && `&cursor=${cursor}`}`, read.key)
        ).json(),
      );
      seen.push(...page.data.map((row) => row.request_id));
      cursor = page.next_cursor;
      await send([usageEvent({ feature: "paged" })]);
    }
    expect(seen).toHaveLength(25);
    expect(new Set(seen)).toEqual(new Set(events.map((event) => event.request_id)));
    expect((await get("/api/v1/requests?cursor=nonsense", read.key)).status).toBe(400);
  });
});

describe("GET /api/v1/prices", () => {
  it("shows list prices beside what was agreed, page by page", async () => {
    const { organization, read } = await organizationWithUsage();
    await as(
      stack,
      organization.owner,
      (tx) => tx`select public.set_price_override(${organization.id}, 'openai', 'gpt-4o', p_discount_percent => 10)`,
    );
    const found = PricesAnswer.parse(
      await (await get("/api/v1/prices?provider=openai&scope=used&unit=input_tokens&service_tier=standard", read.key)).json(),
    );
    expect(found.data.find(({ model }) => model === "gpt-4o")).toMatchObject({
      unit: "input_tokens",
      list_rate: "0.0000025",
      discount_percent: "10",
    });
    const first = PricesAnswer.parse(await (await get("/api/v1/prices?limit=2", read.key)).json());
    const second = PricesAnswer.parse(await (await get(`/api/v1/prices?limit=2&cursor=${first.next_cursor}`, read.key)).json());
    expect(new Set([...first.data, ...second.data].map((row) => JSON.stringify(row))).size).toBe(4);
  });
});
