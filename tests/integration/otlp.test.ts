import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { gzipSync } from "node:zlib";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type DoorProcess, startDoorProcess } from "../support/door-process.ts";
import { chatCall, newSpanId, newTraceId, type SentSpan, tracesRequest } from "../support/otlp.ts";
import { meteredOrganization } from "../support/otlp-records.ts";
import { as, makeApiKey } from "../support/people.ts";
import { type TestStack, testStack } from "../support/stack.ts";
import { startTracing } from "../support/tracing.ts";

let stack: TestStack;
let doors: DoorProcess;

beforeAll(async () => {
  stack = await testStack();
  doors = await startDoorProcess(stack);
});
afterAll(() => doors?.stop());

const post = (key: string, body: BodyInit, headers: Record<string, string> = {}) =>
  fetch(`${doors.url}/api/otlp/v1/traces`, {
    method: "POST",
    body,
    headers: { authorization: `Bearer ${key}`, "content-type": "application/json", ...headers },
  });

async function sender() {
  const metered = await meteredOrganization(stack);
  const send = async (...spans: SentSpan[]) => {
    const response = await post(metered.key.key, gzipSync(JSON.stringify(tracesRequest(spans))), { "content-encoding": "gzip" });
    expect(response.status).toBe(200);
    return (await response.json()) as { partialSuccess?: { rejectedSpans: string; errorMessage: string } };
  };
  return { ...metered, send };
}

describe("POST /api/otlp/v1/traces", () => {
  it("stores a call with its price, its place in the trace and who it was for", async () => {
    const { organization, send, records, differences } = await sender();
    const [team] = await as(
      stack,
      organization.owner,
      (tx) => tx<{ id: string }[]>`
        insert into public.teams (organization_id, slug, name) values (${organization.id}, 'search', 'Search') returning id`,
    );
    const [traceId, spanId, parentSpanId] = [newTraceId(), newSpanId(), newSpanId()];
    const attributes = chatCall({
      "tokentra.team": "search",
      "tokentra.feature": "answers",
      "enduser.id": "u-7",
      "gen_ai.input.messages": "secret",
    });
    expect(await send({ traceId, spanId, parentSpanId, attributes })).toEqual({});
    expect(await records()).toMatchObject([
      {
        request_id: `${traceId}-${spanId}`,
        source: "otlp",
        provider: "openai",
        model: "gpt-4o",
        // 1,000 × $2.50 and 100 × $10 per million.
        cost: "0.0035",
        cost_status: "exact",
        trace_id: traceId,
        operation_id: parentSpanId,
        team_id: team?.id,
        feature: "answers",
        end_user: "u-7",
      },
    ]);
    expect(await differences()).toEqual([]);
    const rows = await stack.sql`select r::text as row from private.usage_records r where organization_id = ${organization.id}`;
    expect(JSON.stringify(rows)).not.toContain("secret");
  });

  it("counts a span once, whoever sends it how often, and tells what it could not take", async () => {
    const { send, records } = await sender();
    const span = { spanId: newSpanId(), traceId: newTraceId(), startMs: Date.now() - 5_000, attributes: chatCall() };
    expect(await send(span)).toEqual({});
    expect(await send(span, { ...span, spanId: newSpanId() })).toEqual({});
    const changed = { ...span, attributes: chatCall({ "gen_ai.usage.input_tokens": 2 }) };
    const { partialSuccess } = await send(changed, { attributes: chatCall({ "tokentra.team": "nobody" }) }, { attributes: chatCall() });
    expect(partialSuccess).toMatchObject({ rejectedSpans: "2" });
    expect(partialSuccess?.errorMessage).toMatch(/other content; the first write stays.*no team of this organization/);
    expect(await records()).toHaveLength(3);
  });

  it("asks for a key that may send, each time anew", async () => {
    const { organization, key } = await sender();
    const body = JSON.stringify(tracesRequest([{ attributes: chatCall() }]));
    const reader = await makeApiKey(stack, organization, { scopes: ["read"] });
    const forbidden = await post(reader.key, body);
    expect([forbidden.status, await forbidden.json()]).toMatchObject([403, { code: 7, error: { code: "forbidden" } }]);
    expect((await post(`tt_live_${"x".repeat(43)}`, body)).status).toBe(401);
    const byHeader = await fetch(`${doors.url}/api/otlp/v1/traces`, {
      method: "POST",
      body,
      headers: { "x-api-key": key.key, "content-type": "application/json" },
    });
    expect([byHeader.status, byHeader.headers.get("cache-control")]).toEqual([200, "private, no-store"]);
    await as(stack, organization.owner, (tx) => tx`select public.revoke_api_key(${organization.id}, ${key.id})`);
    expect((await post(key.key, body)).status).toBe(401);
  });

  it("takes many requests at once, each call once", async () => {
    const { send, records, differences } = await sender();
    const requests = Array.from({ length: 25 }, () => {
      const traceId = newTraceId();
      const outer = { traceId, spanId: newSpanId(), attributes: chatCall() };
      return [outer, { traceId, spanId: newSpanId(), parentSpanId: outer.spanId, attributes: chatCall() }];
    });
    await Promise.all([...requests, ...requests].map((spans) => send(...spans)));
    expect(await records()).toHaveLength(25);
    expect(await differences()).toEqual([]);
  });
});

describe("a real exporter", () => {
  it("whose answer got lost sends again, and the call counts once", async () => {
    const { key, records } = await sender();
    const statuses: number[] = [];
    // Hands everything on; the first answer is lost on its way and replaced by 503.
    const between = createServer(async (request, response) => {
      const chunks: Buffer[] = [];
      for await (const chunk of request) chunks.push(chunk);
      const headers = Object.entries(request.headers).filter(
        ([name]) => !["host", "connection", "content-length", "transfer-encoding"].includes(name),
      );
      const answer = await fetch(`${doors.url}${request.url}`, {
        method: "POST",
        body: Buffer.concat(chunks),
        headers: Object.fromEntries(headers.map(([name, value]) => [name, String(value)])),
      });
      statuses.push(answer.status);
      const isLost = statuses.length === 1;
      response.writeHead(isLost ? 503 : answer.status, {
        "content-type": "application/x-protobuf",
        ...(isLost ? { "retry-after": "1" } : {}),
      });
      response.end(isLost ? undefined : Buffer.from(await answer.arrayBuffer()));
    });
    await new Promise<void>((resolve) => between.listen(0, "127.0.0.1", resolve));
    const tracing = startTracing(`http://127.0.0.1:${(between.address() as AddressInfo).port}`, key.key);
    tracing.tracer.startSpan("chat", { attributes: chatCall() }).end();
    await tracing.stop();
    await new Promise((resolve) => between.close(resolve));
    expect(statuses).toEqual([200, 200]);
    expect(await records()).toHaveLength(1);
  });
});
