import { gzipSync } from "node:zlib";
import { BinaryReader, BinaryWriter, WireType } from "@bufbuild/protobuf/wire";
import { describe, expect, it } from "vitest";
import { AppError } from "../../lib/core/errors.ts";
import type { Submission, SubmissionOutcome } from "../../lib/ingest/submission.ts";
import { createOtlpApp } from "../../lib/otlp/app.ts";
import { doorTools } from "../support/door-tools.ts";
import { chatCall, newSpanId, newTraceId, type SentSpan, tracesRequest } from "../support/otlp.ts";

const now = Date.parse("2026-06-15T12:00:00Z");
const startMs = now - 60_000;
const key = `tt_live_${"k".repeat(43)}`;
const url = "/api/otlp/v1/traces";
const protobuf = { "content-type": "application/x-protobuf" };

const accept = ({ events }: Submission): SubmissionOutcome => ({ outcome: "ok", results: events.map(() => ({ code: "accepted" })) });

/** A door whose database is this list; `answer` decides what it says. */
function door(answer: (submission: Submission) => SubmissionOutcome | Promise<never> = accept) {
  const recorded: Submission[] = [];
  const { tools, lines } = doorTools(() => now);
  const record = async (submissions: Submission[]) => {
    recorded.push(...submissions);
    return Promise.all(submissions.map(answer));
  };
  const app = createOtlpApp({ ...tools, record });
  const post = (body: BodyInit, headers: Record<string, string> = {}, path = url) =>
    app.request(path, {
      method: "POST",
      body,
      headers: { authorization: `Bearer ${key}`, "content-type": "application/json", ...headers },
      duplex: "half",
    } as RequestInit);
  return { app, post, recorded, lines, events: () => recorded.flatMap(({ events }) => events) };
}

const call = (change: SentSpan = {}): SentSpan => ({ startMs, attributes: chatCall(), ...change });
const json = (...spans: SentSpan[]) => JSON.stringify(tracesRequest(spans));

/** google.rpc.Status, or the partial success in an ExportTraceServiceResponse: a number in field 1, a text in field 2. */
function decodeMessage(bytes: Uint8Array): { number: number; text: string } {
  const reader = new BinaryReader(bytes);
  const message = { number: 0, text: "" };
  while (reader.pos < reader.len) {
    const [field] = reader.tag();
    if (field === 1) message.number = Number(reader.int64());
    else message.text = reader.string();
  }
  return message;
}
const bytesOf = async (response: Response) => new Uint8Array(await response.arrayBuffer());

describe("an export", () => {
  it("is answered with an empty object when everything was taken, spans of other things included", async () => {
    const { post, events, lines } = door();
    const response = await post(json(call(), { startMs, attributes: { "http.method": "GET" } }));
    expect(response.status).toBe(200);
    expect(response.headers.get("content-type")).toContain("application/json");
    expect(response.headers.get("cache-control")).toBe("private, no-store");
    expect(await response.text()).toBe("{}");
    expect(events()).toHaveLength(1);
    expect(lines.at(-1)).toMatchObject({ status: 200, accepted: 1, duplicates: 0, rejected: 0 });
  });

  it("without any call is still authenticated, by an empty submission", async () => {
    const { post, recorded } = door();
    expect((await post("{}")).status).toBe(200);
    expect((await post("", protobuf)).status).toBe(200);
    expect(recorded.map(({ events }) => events)).toEqual([[], []]);
  });

  it("says how many spans were not stored and why, the first reasons only", async () => {
    const { post, events } = door(({ events }) => ({
      outcome: "ok",
      results: events.map((_, place) => (place === 0 ? { code: "not_found", message: "no such team" } : { code: "accepted" })),
    }));
    const spans = ["00000000000000a1", "00000000000000a2", "00000000000000a3", "00000000000000a4"].map((spanId) => ({ spanId }));
    const response = await post(
      json(
        call(spans[0]),
        call({ ...spans[1], attributes: chatCall({ "gen_ai.usage.input_tokens": -5 }) }),
        call({ ...spans[2], startMs: now - 36 * 86_400_000 }),
        call({ ...spans[3], startMs: now + 6 * 60_000 }),
        call({ traceId: "short" }),
        call(),
      ),
    );
    expect(await response.json()).toEqual({
      partialSuccess: {
        rejectedSpans: "5",
        errorMessage:
          "trace_id must be 16 bytes that are not all zero; span 00000000000000a2: input_tokens must be a whole number from 0 to 1000000000000; " +
          "span 00000000000000a3: it must have begun between 35 days ago and 5 minutes from now; and 2 more",
      },
    });
    expect(events()).toHaveLength(2);
  });

  it("gets its partial success in protobuf when it came in protobuf", async () => {
    const { post } = door();
    const span = new BinaryWriter()
      .tag(1, WireType.LengthDelimited)
      .bytes(new Uint8Array(16).fill(7))
      .tag(2, WireType.LengthDelimited)
      .bytes(new Uint8Array(3).fill(7))
      .finish();
    const scope = new BinaryWriter().tag(2, WireType.LengthDelimited).bytes(span).finish();
    const resource = new BinaryWriter().tag(2, WireType.LengthDelimited).bytes(scope).finish();
    const response = await post(new BinaryWriter().tag(1, WireType.LengthDelimited).bytes(resource).finish(), protobuf);
    expect(response.status).toBe(200);
    expect(response.headers.get("content-type")).toBe("application/x-protobuf");
    const answer = new BinaryReader(await bytesOf(response));
    expect(answer.tag()).toEqual([1, WireType.LengthDelimited]);
    expect(decodeMessage(answer.bytes())).toEqual({ number: 1, text: "span_id must be 8 bytes that are not all zero" });
  });

  it("comes gzipped, and with the key in x-api-key", async () => {
    const { app, recorded } = door();
    const response = await app.request(url, {
      method: "POST",
      body: gzipSync(json(call())),
      headers: { "x-api-key": key, "content-type": "application/json", "content-encoding": "gzip" },
    });
    expect(response.status).toBe(200);
    expect(recorded[0]?.events).toHaveLength(1);
  });
});

describe("a refusal", () => {
  const refuse = (outcome: "unauthenticated" | "forbidden") => (): SubmissionOutcome => ({ outcome, results: [] });
  const failing = (code: "unavailable" | "rate_limited") => () => Promise.reject(new AppError(code, undefined, { retryAfterSeconds: 7 }));

  it.each([
    ["a missing key", accept, json(call()), { authorization: "" }, 401, 16],
    ["an unknown key", refuse("unauthenticated"), json(call()), {}, 401, 16],
    ["a key without the scope", refuse("forbidden"), json(call()), {}, 403, 7],
    ["a body that is not JSON", accept, "{", {}, 400, 3],
    ["a body that is no request", accept, "[]", {}, 400, 3],
    ["lists that are none", accept, '{"resourceSpans":{}}', {}, 400, 3],
    ["spans that are none", accept, '{"resourceSpans":[{"scopeSpans":[{"spans":[7]}]}]}', {}, 400, 3],
    ["protobuf that is cut off", accept, new Uint8Array([0x0a, 0x7f, 1]), protobuf, 400, 3],
    ["protobuf of another schema", accept, new Uint8Array([0x08, 0x01]), protobuf, 400, 3],
    ["endless groups", accept, new Uint8Array(2_000).fill(0x13), protobuf, 400, 3],
    ["a varint without end", accept, new Uint8Array(40).fill(0xff), protobuf, 400, 3],
    ["JSON called protobuf", accept, json(call()), protobuf, 400, 3],
    ["an unknown content type", accept, json(call()), { "content-type": "text/plain" }, 415, 3],
    ["an unknown content encoding", accept, json(call()), { "content-encoding": "br" }, 415, 3],
    ["gzip that is none", accept, json(call()), { "content-encoding": "gzip" }, 400, 3],
    ["a database that is away", failing("unavailable"), json(call()), {}, 503, 14],
    ["a key with too much under way", failing("rate_limited"), json(call()), {}, 429, 8],
  ] as const)("for %s is a google.rpc.Status", async (_what, answer, body, headers, status, code) => {
    const { post } = door(answer);
    const response = await post(body as BodyInit, { ...headers });
    expect(response.status).toBe(status);
    const requestId = response.headers.get("x-request-id");
    expect(requestId).toBeTruthy();
    expect(response.headers.get("retry-after")).toBe(status === 429 || status === 503 ? "7" : null);
    if (response.headers.get("content-type") === "application/x-protobuf") {
      const { number, text } = decodeMessage(await bytesOf(response));
      expect(number).toBe(code);
      expect(text).not.toBe("");
    } else {
      const error = { request_id: requestId };
      expect(await response.json()).toMatchObject({ code, message: expect.any(String), error });
    }
  });

  it("of another method or path has the same shape", async () => {
    const { app } = door();
    const get = await app.request(url);
    expect([get.status, get.headers.get("allow")]).toEqual([405, "POST"]);
    expect((await app.request("/api/otlp/v1/metrics", { method: "POST" })).status).toBe(404);
  });

  it("is not needed for values nested without end: they are passed over", async () => {
    const { post, events } = door();
    const deep = `${'{"arrayValue":{"values":['.repeat(50_000)}{}${"]}}".repeat(50_000)}`;
    const body = json(call()).replace(
      '"attributes":[{"key":"gen_ai',
      `"attributes":[{"key":"gen_ai.system","value":${deep}},{"key":"gen_ai`,
    );
    expect((await post(body)).status).toBe(200);
    let value: Uint8Array = new BinaryWriter().tag(1, WireType.LengthDelimited).string("end").finish();
    for (let depth = 0; depth < 2_000; depth++) value = new BinaryWriter().tag(5, WireType.LengthDelimited).bytes(value).finish();
    const attribute = new BinaryWriter()
      .tag(1, WireType.LengthDelimited)
      .string("gen_ai.system")
      .tag(2, WireType.LengthDelimited)
      .bytes(value);
    const span = new BinaryWriter().tag(9, WireType.LengthDelimited).bytes(attribute.finish()).finish();
    const nested = [2, 2, 1].reduce((inner, field) => new BinaryWriter().tag(field, WireType.LengthDelimited).bytes(inner).finish(), span);
    expect((await post(nested, protobuf)).status).toBe(200);
    expect(events()).toHaveLength(1);
  });

  it("comes before a bomb unfolds", async () => {
    const bomb = gzipSync(Buffer.alloc(21_000_000, 0x20), { level: 1 });
    expect((await door().post(bomb, { "content-encoding": "gzip" })).status).toBe(413);
  });

  it("comes before more spans are read, or more calls, than a request may hold", async () => {
    const { post, recorded } = door();
    const span = { traceId: newTraceId(), spanId: newSpanId(), startTimeUnixNano: "1" };
    const many = JSON.stringify({ resourceSpans: [{ scopeSpans: [{ spans: Array.from({ length: 20_001 }, () => span) }] }] });
    expect((await post(gzipSync(many), { "content-encoding": "gzip" })).status).toBe(413);
    const scope = new BinaryWriter();
    for (let count = 0; count <= 20_000; count++) scope.tag(2, WireType.LengthDelimited).bytes(new Uint8Array());
    const resource = new BinaryWriter().tag(2, WireType.LengthDelimited).bytes(scope.finish());
    expect((await post(new BinaryWriter().tag(1, WireType.LengthDelimited).bytes(resource.finish()).finish(), protobuf)).status).toBe(413);
    expect((await post(json(...Array.from({ length: 5_001 }, () => call())))).status).toBe(413);
    expect(recorded).toEqual([]);
  });
});
