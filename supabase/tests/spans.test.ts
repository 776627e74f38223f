/** Which spans of a nest are charged, however a trace is cut into requests and in whatever order its parts arrive. */
import { randomBytes } from "node:crypto";
import fc from "fast-check";
import { beforeAll, describe, expect, test } from "vitest";
import type { SpanLink } from "../../lib/ingest/submission.ts";
import { recordSpans } from "../../lib/otlp/record-spans.ts";
import { type ApiKey, makeApiKey, makeOrganization, type Organization } from "../../tests/support/people.ts";
import { type TestStack, testStack } from "../../tests/support/stack.ts";
import { differences, event } from "./usage-sending.ts";

let stack: TestStack;
beforeAll(async () => {
  stack = await testStack();
});

type Family = "generation" | "embedding";
/** A span of a trace that exists in the test's mind: its number, its parent's, and what call it stands for. */
type Known = { id: number; parent: number | null; call: null | { family: Family; hasUsage: boolean } };

const span = (id: number, parent: number | null, call: "usage" | "bare" | null = null, family: Family = "generation"): Known => ({
  id,
  parent,
  call: call && { family, hasUsage: call === "usage" },
});

const spanId = (id: number): string => (id + 0xf000_0000).toString(16).padStart(16, "f");
const at = new Date().toISOString();

/** One trace of an organization; `send` sends some of its spans in one request and answers what became of the calls among them. */
async function newTrace(owner?: { organization: Organization; key: ApiKey }) {
  const organization = owner?.organization ?? (await makeOrganization(stack));
  const key = owner?.key ?? (await makeApiKey(stack, organization));
  const traceId = randomBytes(16).toString("hex");
  const submission = (spans: Known[]) => {
    const calls = spans.filter(({ call }) => call !== null);
    const events = calls.map(({ id, call }) =>
      event({
        request_id: `${traceId}-${spanId(id)}`,
        timestamp: at,
        ...(call?.hasUsage ? {} : { input_tokens: null, output_tokens: null }),
      }),
    );
    const links = spans.map(
      ({ id, parent, call }): SpanLink => ({
        traceId,
        spanId: spanId(id),
        parentSpanId: parent === null ? null : spanId(parent),
        call: call && { event: calls.findIndex((one) => one.id === id), ...call },
      }),
    );
    return { keyHash: key.hash, events, spans: links };
  };
  return {
    organization,
    key,
    submission,
    async send(...spans: Known[]): Promise<string[]> {
      const [outcome] = await recordSpans(stack.sql, [submission(spans)]);
      if (outcome?.outcome !== "ok") throw new Error(outcome?.outcome);
      return outcome.results.map(({ code }) => code);
    },
    /** The numbers of the spans that are recorded. */
    async charged(): Promise<number[]> {
      const rows = await stack.sql<{ request_id: string }[]>`
        select request_id from private.usage_records where organization_id = ${organization.id} and starts_with(request_id, ${traceId})`;
      return rows.map(({ request_id }) => Number.parseInt(request_id.slice(-8), 16) - 0xf000_0000).sort((a, b) => a - b);
    },
  };
}

describe("a parent that repeats its child's usage", () => {
  const parent = span(1, null, "usage");
  const child = span(2, 1, "usage");

  test.each([
    ["in one request, parent first", [[parent, child]], [2]],
    ["in one request, child first", [[child, parent]], [2]],
    ["child first, in its own request", [[child], [parent]], [2]],
    ["parent first, in its own request", [[parent], [child]], [1]],
  ])("%s: one of them is charged", async (_how, requests, charged) => {
    const trace = await newTrace();
    const codes = [];
    for (const request of requests) codes.push(...(await trace.send(...request)));
    expect(codes.sort()).toEqual(["accepted", "nested"]);
    expect(await trace.charged()).toEqual(charged);
    // Sent again, together or apart, nothing changes.
    expect((await trace.send(child, parent)).sort()).toEqual(["duplicate", "nested"]);
    expect((await trace.send(parent)).concat(await trace.send(child)).sort()).toEqual(["duplicate", "nested"]);
    expect(await trace.charged()).toEqual(charged);
    expect(await differences(stack, trace.organization)).toEqual([]);
  });

  test("through spans in between that arrive by themselves, outwards or inwards", async () => {
    const way = [span(1, null, "usage"), span(2, 1), span(3, 2), span(4, 3, "usage")];
    const outwards = await newTrace();
    for (const one of [...way].reverse()) await outwards.send(one);
    expect(await outwards.charged()).toEqual([4]);
    const inwards = await newTrace();
    for (const one of way) await inwards.send(one);
    expect(await inwards.charged()).toEqual([1]);
  });

  test("the parts of an agent are charged each, the agent never, also when a part comes late", async () => {
    const trace = await newTrace();
    const agent = span(1, null, "usage");
    expect(await trace.send(span(2, 1, "usage"), span(3, 1, "usage"), span(9, 1))).toEqual(["accepted", "accepted"]);
    expect(await trace.send(agent)).toEqual(["nested"]);
    expect(await trace.send(span(4, 1, "usage"))).toEqual(["accepted"]);
    expect(await trace.charged()).toEqual([2, 3, 4]);
  });
});

describe("calls without usage", () => {
  test("give way to calls with usage inside and around them", async () => {
    const inside = await newTrace();
    expect(await inside.send(span(1, null, "bare"), span(2, 1, "usage"))).toEqual(["nested", "accepted"]);
    const around = await newTrace();
    expect(await around.send(span(1, null, "usage"), span(2, 1, "bare"))).toEqual(["accepted", "nested"]);
    const late = await newTrace();
    expect(await late.send(span(2, 1, "usage"))).toEqual(["accepted"]);
    expect(await late.send(span(1, null, "bare"))).toEqual(["nested"]);
  });

  test("never keep usage from being charged, though they came first", async () => {
    for (const [first, second] of [
      [span(1, null, "bare"), span(2, 1, "usage")],
      [span(2, 1, "bare"), span(1, null, "usage")],
    ] as const) {
      const trace = await newTrace();
      expect(await trace.send(first)).toEqual(["accepted"]);
      expect(await trace.send(second)).toEqual(["accepted"]);
      expect(await trace.charged()).toEqual([1, 2]);
    }
  });

  test("a failed attempt beside the one that succeeded is a request of its own", async () => {
    const trace = await newTrace();
    expect(await trace.send(span(1, null, "usage"), span(2, 1, "bare"), span(3, 1, "usage"))).toEqual(["nested", "accepted", "accepted"]);
  });
});

describe("what is not one call", () => {
  test("an embedding inside an answer is charged beside it", async () => {
    const trace = await newTrace();
    expect(await trace.send(span(2, 1, "usage", "embedding"))).toEqual(["accepted"]);
    expect(await trace.send(span(1, null, "usage"))).toEqual(["accepted"]);
  });

  test("the same ids in another trace or another organization", async () => {
    const one = await newTrace();
    const sibling = await newTrace(one);
    const stranger = await newTrace();
    for (const trace of [one, sibling, stranger]) expect(await trace.send(span(2, 1, "usage"))).toEqual(["accepted"]);
    for (const trace of [one, sibling, stranger]) expect(await trace.send(span(1, null, "usage"))).toEqual(["nested"]);
  });

  test("a call that was refused leaves its key's refusal and no trace of itself", async () => {
    const trace = await newTrace();
    const stranger = { ...trace.submission([span(2, 1, "usage")]), keyHash: randomBytes(32) };
    expect(await recordSpans(stack.sql, [stranger])).toMatchObject([{ outcome: "unauthenticated", results: [] }]);
    expect(await stack.sql`select from private.span_nests where organization_id = ${trace.organization.id}`).toHaveLength(0);
    expect(await trace.send(span(1, null, "usage"))).toEqual(["accepted"]);
  });
});

describe("spans that are no tree", () => {
  test("parents in a circle, a span that is its own parent, and a span that comes twice", async () => {
    const trace = await newTrace();
    expect(await trace.send(span(1, 2, "usage"), span(2, 1))).toEqual(["accepted"]);
    expect(await trace.send(span(5, 5, "usage"))).toEqual(["accepted"]);
    expect((await trace.send(span(7, 6, "usage"), span(7, 6, "usage"))).sort()).toEqual(["accepted", "duplicate"]);
    expect(await trace.charged()).toEqual([1, 5, 7]);
  });
});

test("several keys and requests in one transaction keep apart, and together where they belong together", async () => {
  const [one, other] = [await newTrace(), await newTrace()];
  const [first, second] = await recordSpans(stack.sql, [
    one.submission([span(2, 1, "usage"), span(1, null, "usage")]),
    other.submission([span(1, null, "usage"), span(3, 1)]),
  ]);
  expect(first?.results.map(({ code }) => code)).toEqual(["accepted", "nested"]);
  expect(second?.results.map(({ code }) => code)).toEqual(["accepted"]);
});

/** A trace of up to 14 spans, each under one of those before it or a root. */
const anyTrace = fc
  .array(fc.record({ parent: fc.nat({ max: 13 }), isRoot: fc.boolean(), call: fc.constantFrom("usage", "usage", "bare", null, null) }), {
    minLength: 1,
    maxLength: 14,
  })
  .map((parts) =>
    parts.map(({ parent, isRoot, call }, id) =>
      span(id, id === 0 || (isRoot && id % 4 === 0) ? null : parent % id, call as "usage" | "bare" | null),
    ),
  );
const anyCuts = fc.array(fc.boolean(), { minLength: 14, maxLength: 14 });

const cut = (spans: Known[], cuts: boolean[]): Known[][] => {
  const requests: Known[][] = [[]];
  spans.forEach((one, place) => {
    if (cuts[place]) requests.push([]);
    requests.at(-1)?.push(one);
  });
  return requests.filter((request) => request.length > 0);
};

const outwardsFrom = (spans: Known[], one: Known): Known[] => {
  const way: Known[] = [];
  for (let outer = one.parent; outer !== null; outer = spans[outer]!.parent) way.push(spans[outer]!);
  return way;
};

describe("any trace, cut anywhere", () => {
  let owner: { organization: Organization; key: ApiKey };
  beforeAll(async () => {
    owner = await newTrace();
  });

  test("sent as spans end, inner ones first: exactly the innermost calls with usage are charged", async () => {
    await fc.assert(
      fc.asyncProperty(anyTrace, anyCuts, async (spans, cuts) => {
        const trace = await newTrace(owner);
        for (const request of cut([...spans].reverse(), cuts)) await trace.send(...request);
        const metered = spans.filter(({ call }) => call?.hasUsage);
        const innermost = metered.filter((one) => !metered.some((other) => outwardsFrom(spans, other).includes(one)));
        const charged = await trace.charged();
        expect(charged.filter((id) => spans[id]?.call?.hasUsage)).toEqual(innermost.map(({ id }) => id));
      }),
      { numRuns: 60 },
    );
  });

  test("sent in either direction, some requests twice: on every way outwards exactly one call with usage is charged", async () => {
    await fc.assert(
      fc.asyncProperty(anyTrace, anyCuts, anyCuts, fc.boolean(), async (spans, cuts, again, isOutwards) => {
        const trace = await newTrace(owner);
        const requests = cut(isOutwards ? [...spans].reverse() : spans, cuts);
        for (const [place, request] of requests.entries()) {
          await trace.send(...request);
          if (again[place]) await trace.send(...(requests[place - 1] ?? request));
        }
        const charged = new Set(await trace.charged());
        const isCharged = ({ id, call }: Known) => call?.hasUsage === true && charged.has(id);
        for (const one of spans) {
          if (isCharged(one)) expect(outwardsFrom(spans, one).filter(isCharged)).toEqual([]);
          if (!one.call?.hasUsage) continue;
          const inside = spans.filter((other) => outwardsFrom(spans, other).includes(one));
          expect([one, ...outwardsFrom(spans, one), ...inside].some(isCharged)).toBe(true);
        }
      }),
      { numRuns: 60 },
    );
    expect(await differences(stack, owner.organization)).toEqual([]);
  });

  test("sent by many at once: at most one call with usage on every way outwards", async () => {
    for (let round = 0; round < 10; round++) {
      const trace = await newTrace(owner);
      const spans = [span(0, null, "usage"), span(1, 0, "usage"), span(2, 1, "usage")];
      await Promise.all(spans.map((one) => trace.send(one)));
      const charged = await trace.charged();
      // The two at the ends may miss each other only while the span between them is unknown.
      expect([[0], [1], [2], [0, 2]]).toContainEqual(charged);
    }
  });
});

test("nests are forgotten after a week", async () => {
  const trace = await newTrace();
  await trace.send(span(2, 1, "usage"));
  await stack.sql`update private.span_nests set noted_at = now() - interval '8 days' where organization_id = ${trace.organization.id}`;
  await stack.sql`select private.forget_span_nests()`;
  expect(await stack.sql`select from private.span_nests where organization_id = ${trace.organization.id}`).toHaveLength(0);
});
