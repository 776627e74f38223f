import { describe, expect, it } from "vitest";
import { createApiApp } from "../../lib/api/app.ts";
import { createRateLimit, type RateLimit } from "../../lib/api/rate-limit.ts";
import type { Answer, ApiReader } from "../../lib/api/reader.ts";
import { AppError } from "../../lib/core/errors.ts";
import type { ExportFile } from "../../lib/exports/open.ts";
import { doorTools } from "../support/door-tools.ts";

const holder = { organizationId: "org-1", apiKeyId: "key-1" };
const authorization = `Bearer tt_test_${"r".repeat(43)}`;

/** A file of one chunk that waits to be read. */
const file = ({ answer }: Answer): ExportFile => ({
  fileName: "tokentra-requests.csv",
  mediaType: "text/csv",
  body: (ended) =>
    new ReadableStream(
      {
        pull(controller) {
          controller.enqueue(new TextEncoder().encode(answer ?? ""));
          controller.close();
          ended();
        },
        cancel: () => ended(new Error("gone")),
      },
      { highWaterMark: 0 },
    ),
});

function door(answer: (asked: string) => Answer | Promise<Answer>, rateLimit?: RateLimit) {
  const asked: string[] = [];
  const used: string[] = [];
  const ask = async (question: string) => {
    asked.push(question);
    return answer(question);
  };
  const reader: ApiReader = {
    overview: () => ask("overview"),
    usageRequest: (_keyHash, requestId) => ask(`request ${requestId}`),
    costs: (_keyHash, query) => ask(`costs by ${query.group_by}`),
    usage: (_keyHash, query) => ask(`usage by ${query.group_by}`),
    requests: (_keyHash, query) => ask(`requests ${query.limit}`),
    prices: (_keyHash, query) => ask(`prices of ${query.provider}`),
    export: async () => ({ holder, file: file(await ask("export")) }),
  };
  const { tools, lines } = doorTools();
  const app = createApiApp({
    ...tools,
    reader,
    ...(rateLimit ? { rateLimit } : {}),
    touchKeys: async (apiKeyIds) => used.push(...apiKeyIds),
  });
  const get = (path: string, init: RequestInit = {}) => app.request(path, { headers: { authorization }, ...init });
  return { get, asked, used, lines };
}

describe("the read API", () => {
  it("passes the database's own text on, digit for digit, and lets nobody store it", async () => {
    const document = '{"cost": "0.000000123456789012", "requests": 12345678901234567890}';
    const { get, used, lines } = door(() => ({ holder, answer: document }));
    const response = await get("/api/v1/overview");
    expect(response.status).toBe(200);
    expect(await response.text()).toBe(document);
    expect(response.headers.get("content-type")).toBe("application/json; charset=utf-8");
    expect(response.headers.get("cache-control")).toBe("private, no-store");
    expect(response.headers.get("x-request-id")).toMatch(/^req_/);
    expect(used).toEqual(["key-1"]);
    expect(lines[0]).toMatchObject({ path: "/api/v1/overview", status: 200, organization_id: "org-1" });
  });

  it("reads request ids as they were sent, however they are escaped", async () => {
    const { get, asked } = door(() => ({ holder, answer: "{}" }));
    for (const id of ["plain", "with space", "a/b", "100%", "ü?#&", "%2F"]) await get(`/api/v1/requests/${encodeURIComponent(id)}`);
    expect(asked).toEqual(["plain", "with space", "a/b", "100%", "ü?#&", "%2F"].map((id) => `request ${id}`));
  });

  it("says the same 404 for what is not there, what cannot be there and what is someone else's", async () => {
    const { get } = door(() => ({ holder, answer: null }));
    const bodies = await Promise.all(
      ["missing", encodeURIComponent("a\0b"), "x".repeat(500), "%ff"].map(async (id) => {
        const response = await get(`/api/v1/requests/${id}`);
        expect(response.status).toBe(404);
        return (await response.text()).replace(/req_\w+/, "");
      }),
    );
    expect(new Set(bodies).size).toBe(1);
  });

  it.each([
    ["unauthenticated", 401],
    ["forbidden", 403],
  ] as const)("answers %s as %i", async (code, status) => {
    const { get } = door(() => {
      throw new AppError(code);
    });
    expect((await get("/api/v1/overview")).status).toBe(status);
  });

  it("asks each question with the query it was given, and says what was wrong with one it cannot take", async () => {
    const { get, asked } = door(() => ({ holder, answer: "{}" }));
    for (const path of ["costs?group_by=team", "usage?group_by=model", "requests?limit=7", "prices?provider=openai"]) {
      expect((await get(`/api/v1/${path}`)).status).toBe(200);
    }
    expect(asked).toEqual(["costs by team", "usage by model", "requests 7", "prices of openai"]);
    const refused = await get("/api/v1/costs?group_by=colour");
    expect(refused.status).toBe(400);
    expect(await refused.json()).toMatchObject({
      error: { code: "invalid", param: "group_by", message: expect.stringContaining("must be one of") },
    });
    expect(asked).toHaveLength(4);
  });

  it("limits each key, says what is left, and when to come back", async () => {
    const { get, asked } = door(
      () => ({ holder, answer: "{}" }),
      createRateLimit(2, 60, () => 0),
    );
    const answers = [await get("/api/v1/overview"), await get("/api/v1/costs?limit=wrong"), await get("/api/v1/overview")];
    expect(answers.map(({ status }) => status)).toEqual([200, 400, 429]);
    expect(answers.map(({ headers }) => headers.get("ratelimit"))).toEqual([
      '"default";r=1;t=60',
      '"default";r=0;t=60',
      '"default";r=0;t=60',
    ]);
    expect(answers[2]?.headers.get("retry-after")).toBe("60");
    expect(asked).toEqual(["overview"]);
  });

  it("streams exports as attachments, two at once for a key, and gives the place back when one is read or left", async () => {
    const { get, lines } = door(() => ({ holder, answer: "a,b\r\n" }));
    const first = await get("/api/v1/exports");
    expect([first.status, first.headers.get("content-disposition"), first.headers.get("cache-control")]).toEqual([
      200,
      'attachment; filename="tokentra-requests.csv"',
      "private, no-store",
    ]);
    const second = await get("/api/v1/exports?format=jsonl");
    const third = await get("/api/v1/exports");
    expect([third.status, third.headers.get("retry-after")]).toEqual([429, "10"]);
    expect(await first.text()).toBe("a,b\r\n");
    expect((await get("/api/v1/exports", { method: "HEAD" })).status).toBe(200);
    await second.body?.cancel();
    expect((await get("/api/v1/exports")).status).toBe(200);
    expect(lines.map(({ msg }) => msg)).toContain("export sent");
    expect(lines.map(({ msg }) => msg)).toContain("export ended early");
    expect((await get("/api/v1/exports?format=xlsx")).status).toBe(400);
  });

  it("describes itself to anyone", async () => {
    const { get } = door(() => ({ holder, answer: "{}" }));
    const response = await get("/api/v1/openapi.json", { headers: {} });
    expect(response.status).toBe(200);
    expect(await response.json()).toMatchObject({ openapi: "3.1.0" });
  });

  it("asks nothing without a key", async () => {
    const { get, asked } = door(() => ({ holder, answer: "{}" }));
    expect((await get("/api/v1/overview", { headers: {} })).status).toBe(401);
    expect(asked).toEqual([]);
  });

  it("answers unknown addresses 404 and other methods 405, both as JSON", async () => {
    const { get } = door(() => ({ holder, answer: "{}" }));
    const unknown = await get("/api/v1/everything");
    expect([unknown.status, ((await unknown.json()) as { error: { code: string } }).error.code]).toEqual([404, "not_found"]);
    for (const path of ["/api/v1/overview", "/api/v1/requests/x"]) {
      const other = await get(path, { method: "POST" });
      expect([other.status, other.headers.get("allow"), ((await other.json()) as { error: { code: string } }).error.code]).toEqual([
        405,
        "GET, HEAD",
        "method_not_allowed",
      ]);
    }
  });
});
