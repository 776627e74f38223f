import { afterAll, beforeAll, describe, expect, it } from "vitest";
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
        const headers = [...response.headers].filter(([name]) => !["x-request-id", "date"].includes(name));
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
