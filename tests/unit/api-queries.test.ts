import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { readCursor, writeCursor } from "../../lib/api/cursor.ts";
import { openApiDocument } from "../../lib/api/openapi.ts";
import { operations } from "../../lib/api/operations.ts";
import { createRateLimit, rateLimitHeaders } from "../../lib/api/rate-limit.ts";
import { readQuery } from "../../lib/api/read-query.ts";
import { CostsQuery, RequestsQuery } from "../../lib/api/schema.ts";
import { AppError } from "../../lib/core/errors.ts";

function refusal(read: () => unknown): string {
  try {
    read();
  } catch (error) {
    if (error instanceof AppError) return `${error.code} ${error.param}: ${error.message}`;
    throw error;
  }
  return "taken";
}

describe("a query", () => {
  const read = (query: string) => readQuery(CostsQuery, new URLSearchParams(query));

  it("is read with its defaults, lists by repetition", () => {
    expect(read("")).toEqual({ granularity: "day", group_by: "none", compare: "none", limit: 100 });
    expect(read("model=a&model=b&team=&limit=5")).toMatchObject({ model: ["a", "b"], team: [""], limit: 5 });
  });

  it.each([
    ["limit=0", "invalid limit: limit must be a whole number from 1 to 1000."],
    ["limit=ten", "invalid limit: limit must be a whole number from 1 to 1000."],
    ["limit=1&limit=2", "invalid limit: limit may be given once."],
    ["limit=1.5", "invalid limit: limit must be a whole number from 1 to 1000."],
    ["granularity=year", "invalid granularity: granularity must be one of total, minute, hour, day, week, month."],
    ["start_date=2026-02-30", "invalid start_date: start_date must be a day such as 2026-11-01 or an RFC 3339 time with a zone."],
    ["end_date=2026-11-01T10:00:00", "invalid end_date: end_date must be a day such as 2026-11-01 or an RFC 3339 time with a zone."],
    ["colour=red", "invalid colour: There is no such parameter."],
    ["__proto__=1", "invalid __proto__: There is no such parameter."],
    ["constructor=1", "invalid constructor: There is no such parameter."],
  ])("%s is refused by name and rule", (query, said) => {
    expect(refusal(() => read(query))).toBe(said);
  });

  it("takes at most 100 values of a filter, of at most 200 characters", () => {
    expect(refusal(() => read(new URLSearchParams(Array.from({ length: 101 }, (_, n) => ["model", `m${n}`])).toString()))).toContain(
      "model",
    );
    expect(refusal(() => read(`model=${"x".repeat(201)}`))).toBe("invalid model: model must have at most 200 characters.");
  });
});

describe("a cursor", () => {
  it("comes back as it went out", () => {
    fc.assert(
      fc.property(fc.array(fc.string({ unit: "grapheme", minLength: 1 }), { minLength: 1, maxLength: 3 }), (parts) => {
        const cursor = writeCursor(...parts);
        expect(cursor).toMatch(/^[\w-]+$/);
        expect(readCursor(cursor, ...parts.map(() => /^/))).toEqual(parts);
      }),
    );
  });

  it("that we did not write is refused, never a failure", () => {
    fc.assert(fc.property(fc.string(), (cursor) => refusal(() => readCursor(cursor, /^\d{40}$/)).startsWith("invalid cursor")));
    expect(refusal(() => readCursor(writeCursor("1", "2"), /^\d$/))).toContain("invalid cursor");
    expect(refusal(() => readCursor(writeCursor("x"), /^\d$/))).toContain("invalid cursor");
  });
});

describe("the rate limit", () => {
  it("counts per caller and starts again with the next window", () => {
    let now = 1_000;
    const limit = createRateLimit(2, 60, () => now);
    const take = (caller: string) => limit.take(caller) as { allowed: boolean; remaining: number; resetSeconds: number };
    expect([take("a"), take("a"), take("a")].map((each) => [each.allowed, each.remaining])).toEqual([
      [true, 1],
      [true, 0],
      [false, 0],
    ]);
    expect(take("b").allowed).toBe(true);
    now += 59_000;
    expect(take("a")).toMatchObject({ allowed: false, resetSeconds: 1 });
    now += 1_000;
    expect(take("a")).toMatchObject({ allowed: true, remaining: 1, resetSeconds: 60 });
  });

  it("says what is left in structured headers", () => {
    expect(rateLimitHeaders({ allowed: true, limit: 600, remaining: 42, resetSeconds: 7, windowSeconds: 60 })).toEqual([
      ["ratelimit-policy", '"default";q=600;w=60'],
      ["ratelimit", '"default";r=42;t=7'],
    ]);
  });
});

describe("the OpenAPI document", () => {
  const document = openApiDocument() as {
    openapi: string;
    paths: Record<
      string,
      { get: { parameters: { name: string; in: string; schema: Record<string, unknown> }[]; responses: Record<string, unknown> } }
    >;
    components: { schemas: Record<string, unknown>; responses: Record<string, unknown> };
  };

  it("is version 3.1 and names every operation, its parameters and every refusal", () => {
    expect(document.openapi).toBe("3.1.0");
    expect(Object.keys(document.paths)).toEqual(operations.map(({ path }) => path));
    const requests = document.paths["/api/v1/requests"]!.get;
    expect(requests.parameters.map(({ name }) => name)).toEqual(Object.keys(RequestsQuery.shape));
    expect(requests.parameters.find(({ name }) => name === "limit")?.schema).toMatchObject({
      type: "integer",
      minimum: 1,
      maximum: 500,
      default: 50,
    });
    expect(Object.keys(requests.responses)).toEqual(["200", "400", "401", "403", "404", "429", "503"]);
    expect(document.paths["/api/v1/requests/{request_id}"]!.get.parameters[0]).toMatchObject({ name: "request_id", in: "path" });
  });

  it("refers to nothing that is not there", () => {
    const refs = [...JSON.stringify(document).matchAll(/"\$ref":"#\/components\/(\w+)\/(\w+)"/g)];
    expect(refs.length).toBeGreaterThan(10);
    for (const [, kind, name] of refs) expect(document.components[kind as "schemas"]).toHaveProperty(name!);
  });

  it("gives examples that its own schemas take", () => {
    for (const { path, answer, example } of operations.filter((each) => each.answer !== undefined)) {
      expect(answer!.safeParse(example).error?.issues ?? [], path).toEqual([]);
    }
  });
});
