import { gzipSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import { AppError } from "../../lib/core/errors.ts";
import type { TrackAnswer } from "../../lib/ingest/app.ts";
import { createIngestApp } from "../../lib/ingest/app.ts";
import type { RecordUsage, Submission, SubmissionOutcome } from "../../lib/ingest/submission.ts";
import { doorTools } from "../support/door-tools.ts";

const now = Date.parse("2026-06-15T12:00:00Z");
const key = `tt_live_${"k".repeat(43)}`;
const url = "/api/sdk/v1/track";

let serial = 0;
const event = (change: Record<string, unknown> = {}) => ({
  request_id: `r${serial++}`,
  timestamp: "2026-06-15T11:59:00Z",
  provider: "openai",
  model: "gpt-4o",
  ...change,
});

/** A door whose database is this list; `answer` decides what it says. */
function door(answer: (submission: Submission) => SubmissionOutcome | Promise<never> = accept) {
  const recorded: { submissions: Submission[]; source: string }[] = [];
  const record: RecordUsage = async (submissions, source) => {
    recorded.push({ submissions, source });
    return Promise.all(submissions.map(answer));
  };
  const { tools, lines } = doorTools(() => now);
  const app = createIngestApp({ ...tools, record });
  const post = (body: BodyInit, headers: Record<string, string> = {}, path = url) =>
    app.request(path, {
      method: "POST",
      body,
      headers: { authorization: `Bearer ${key}`, "content-type": "application/json", ...headers },
      duplex: "half",
    } as RequestInit);
  return { app, recorded, post, lines };
}
const accept = ({ events }: Submission): SubmissionOutcome => ({ outcome: "ok", results: events.map(() => ({ code: "accepted" })) });
const refuse = (outcome: "unauthenticated" | "forbidden") => (): SubmissionOutcome => ({ outcome, results: [] });

async function errorOf(response: Response) {
  const body = (await response.json()) as { error: Record<string, unknown> };
  expect(body.error.request_id).toBe(response.headers.get("x-request-id"));
  expect(Object.keys(body)).toEqual(["error"]);
  expect(Object.keys(body.error).sort()).toEqual(["code", "message", "param", "request_id", "type"]);
  expect(response.headers.get("cache-control")).toBe("private, no-store");
  return { status: response.status, code: body.error.code, param: body.error.param };
}
const json = (value: unknown) => JSON.stringify(value);

describe("a batch", () => {
  it("is stored as far as it is good, and the rest is named by its place", async () => {
    const { post, recorded } = door(({ events }) => ({
      outcome: "ok",
      results: events.map(({ request_id }) =>
        request_id === "again"
          ? { code: "duplicate" }
          : request_id === "clash"
            ? { code: "id_conflict", message: "another content" }
            : { code: "accepted" },
      ),
    }));
    const events = [
      event(),
      event({ input_tokens: -1, request_id: "bad" }),
      event({ request_id: "again" }),
      event({ request_id: "clash" }),
      7,
      event(),
    ];
    const response = await post(json({ events }));
    expect(response.status).toBe(200);
    expect(response.headers.get("cache-control")).toBe("private, no-store");
    expect(await response.json()).toEqual({
      accepted: 2,
      duplicates: 1,
      rejected: [
        { index: 1, request_id: "bad", code: "invalid", message: "input_tokens must be a whole number from 0 to 1000000000000" },
        { index: 3, request_id: "clash", code: "id_conflict", message: "another content" },
        { index: 4, request_id: null, code: "invalid", message: "event must be an object" },
      ],
    });
    expect(recorded[0]?.submissions[0]?.events).toHaveLength(4);
  });

  it("that is empty or all bad is still authenticated", async () => {
    const { post, recorded } = door();
    expect(await (await post(json({ events: [] }))).json()).toEqual({ accepted: 0, duplicates: 0, rejected: [] });
    expect(await (await post(json({ events: [1] }))).json()).toMatchObject({ accepted: 0, rejected: [{ index: 0 }] });
    expect(recorded).toHaveLength(2);
    expect((await errorOf(await door(refuse("unauthenticated")).post(json({ events: [] })))).status).toBe(401);
  });

  it("keeps time from −35 days to +5 minutes, bounds included", async () => {
    const { post } = door();
    const at = (offset: number) => event({ timestamp: new Date(now + offset).toISOString() });
    const day = 86_400_000;
    const events = [
      at(-35 * day),
      at(5 * 60_000),
      at(-36 * day),
      at(-35 * day - 1),
      at(5 * 60_000 + 1),
      event({ timestamp: "9999-12-31T00:00:00Z" }),
    ];
    const answer = (await (await post(json({ events }))).json()) as TrackAnswer;
    expect(answer.accepted).toBe(2);
    expect(answer.rejected.map(({ index, code }) => [index, code])).toEqual([2, 3, 4, 5].map((index) => [index, "timestamp_out_of_range"]));
  });

  it("of an import may be older, says so to the database and needs another scope there", async () => {
    const { post, recorded } = door();
    const events = [event({ timestamp: "2024-01-01T00:00:00Z" }), event({ timestamp: "0001-01-01T00:00:00Z" })];
    expect(await (await post(json({ events }), {}, `${url}?source=import`)).json()).toMatchObject({
      accepted: 1,
      rejected: [{ index: 1 }],
    });
    expect(recorded[0]?.source).toBe("import");
    expect(await errorOf(await post(json({ events }), {}, `${url}?source=gateway`))).toMatchObject({ status: 422, param: "source" });
  });
});

describe("a body", () => {
  it.each(["", "{", '{"events":[}', "nul", '{"events":[]} x'])("that is not JSON (%j) is 400", async (body) => {
    expect(await errorOf(await door().post(body))).toMatchObject({ status: 400, code: "invalid" });
  });

  it("that is not UTF-8 is 400", async () => {
    const bytes = new TextEncoder().encode(json({ events: [event({ feature: "é" })] }));
    bytes[bytes.indexOf(0xc3)] = 0xff;
    expect(await errorOf(await door().post(bytes))).toMatchObject({ status: 400 });
  });

  it.each(["null", "[]", "1", "{}", '{"events":{}}', '{"events":null}', '{"__proto__":{"events":[]}}'])(
    "of another shape (%s) is 422",
    async (body) => {
      expect(await errorOf(await door().post(body))).toMatchObject({ status: 422, param: "events" });
    },
  );

  it("of 5,000 events is taken, of 5,001 is 413", async () => {
    const { post } = door();
    const many = (count: number) => json({ events: Array.from({ length: count }, () => event()) });
    expect(((await (await post(many(5_000))).json()) as TrackAnswer).accepted).toBe(5_000);
    expect(await errorOf(await post(many(5_001)))).toMatchObject({ status: 413, code: "too_large" });
  });

  const padded = (bytes: number) => {
    const body = json({ events: [] });
    return `${body}${" ".repeat(bytes - body.length)}`;
  };
  const streamed = (bytes: Uint8Array) =>
    new ReadableStream({
      start(controller) {
        for (let at = 0; at < bytes.length; at += 65_536) controller.enqueue(bytes.slice(at, at + 65_536));
        controller.close();
      },
    });

  it("of 5 MB is taken, one byte more is 413, declared or not", async () => {
    const { post } = door();
    const full = padded(5_000_000);
    const over = padded(5_000_001);
    expect((await post(full)).status).toBe(200);
    expect((await post(streamed(new TextEncoder().encode(full)))).status).toBe(200);
    expect((await post(full, { "content-length": "5000000" })).status).toBe(200);
    expect(await errorOf(await post(over, { "content-length": "5000001" }))).toMatchObject({ status: 413 });
    expect(await errorOf(await post(streamed(new TextEncoder().encode(over))))).toMatchObject({ status: 413 });
    expect(await errorOf(await post(over, { "content-length": "100" }))).toMatchObject({ status: 413 });
  });

  it("may come as gzip", async () => {
    const { post } = door();
    const packed = gzipSync(json({ events: [event(), event()] }));
    expect(await (await post(packed, { "content-encoding": "gzip" })).json()).toMatchObject({ accepted: 2 });
    expect(await (await post(packed, { "content-encoding": "gzip", "content-length": String(packed.length) })).json()).toMatchObject({
      accepted: 2,
    });
  });

  it("that is a gzip bomb is 413 and is not unfolded", { timeout: 20_000 }, async () => {
    const { post } = door();
    const bomb = gzipSync(Buffer.alloc(100_000_000, " "), { level: 1 });
    let sent = 0;
    const drops = new ReadableStream<Uint8Array>({
      pull(controller) {
        if (sent >= bomb.length) return controller.close();
        controller.enqueue(bomb.subarray(sent, sent + 1_024));
        sent += 1_024;
      },
    });
    expect(await errorOf(await post(drops, { "content-encoding": "gzip" }))).toMatchObject({ status: 413 });
    expect(sent).toBeLessThan(bomb.length * 0.8);
    const twenty = gzipSync(padded(20_000_000));
    expect((await post(twenty, { "content-encoding": "gzip" })).status).toBe(200);
    expect((await post(gzipSync(padded(20_000_001)), { "content-encoding": "gzip" })).status).toBe(413);
  });

  it("that only claims to be gzip, or is cut off, is 400", async () => {
    const { post } = door();
    const packed = gzipSync(json({ events: [event()] }));
    const gzip = { "content-encoding": "gzip" };
    expect(await errorOf(await post("plain", gzip))).toMatchObject({ status: 400 });
    expect(await errorOf(await post(packed.subarray(0, packed.length - 9), gzip))).toMatchObject({ status: 400 });
    expect(await errorOf(await post(Buffer.concat([packed, Buffer.from("tail")]), gzip))).toMatchObject({ status: 400 });
  });

  it.each([
    { "content-type": "text/plain" },
    { "content-type": "application/x-www-form-urlencoded" },
    { "content-type": "application/jsonp" },
    { "content-type": "application/json; charset=utf-16" },
    { "content-encoding": "br" },
    { "content-encoding": "gzip, gzip" },
  ])("of another kind (%j) is 415", async (headers) => {
    expect(await errorOf(await door().post(json({ events: [] }), headers as unknown as Record<string, string>))).toMatchObject({
      status: 415,
    });
  });

  it("may say its charset", async () => {
    expect((await door().post(json({ events: [] }), { "content-type": 'Application/JSON; charset="UTF-8"' })).status).toBe(200);
  });
});

describe("a key", () => {
  it.each(["", "Bearer", `Basic ${key}`, "Bearer tt_live_short", `Bearer ${key}x`, "Bearer sk-123", `Bearer ${key} ${key}`])(
    "that cannot be one (%j) is 401 without a question to the database",
    async (authorization) => {
      const { post, recorded } = door();
      const response = await post(json({ events: [event()] }), { authorization });
      expect(response.headers.get("www-authenticate")).toContain("Bearer");
      expect(await errorOf(response)).toMatchObject({ status: 401, code: "unauthenticated" });
      expect(recorded).toEqual([]);
    },
  );

  it("that is unknown gets the same answer as a malformed one, and is not asked about again for a while", async () => {
    const { post, recorded } = door(refuse("unauthenticated"));
    const unknown = (await (await post(json({ events: [event()] }))).json()) as { error: object };
    const malformed = (await (await post(json({ events: [] }), { authorization: "x" })).json()) as { error: object };
    expect({ ...unknown.error, request_id: "" }).toEqual({ ...malformed.error, request_id: "" });
    expect((await post(json({ events: [event()] }))).status).toBe(401);
    expect(recorded).toHaveLength(1);
  });

  it("without the scope is 403", async () => {
    expect(await errorOf(await door(refuse("forbidden")).post(json({ events: [event()] })))).toMatchObject({
      status: 403,
      code: "forbidden",
    });
  });
});

describe("when the database", () => {
  it("is away, the answer is 503 with Retry-After and nothing is acknowledged", async () => {
    const { post } = door(() => Promise.reject(Object.assign(new Error("connect ECONNREFUSED 10.0.0.7:5432"), { code: "ECONNREFUSED" })));
    const response = await post(json({ events: [event()] }));
    expect(Number(response.headers.get("retry-after"))).toBeGreaterThan(0);
    expect(await response.clone().text()).not.toContain("10.0.0.7");
    expect(await errorOf(response)).toMatchObject({ status: 503, code: "unavailable" });
  });

  it("fails for a reason of ours, the answer is 500 without the reason, and the log has it", async () => {
    const { post, lines } = door(() => Promise.reject(new Error('relation "usage_secret" does not exist')));
    const response = await post(json({ events: [event()] }));
    expect(await response.clone().text()).not.toContain("usage_secret");
    expect(await errorOf(response)).toMatchObject({ status: 500, code: "internal" });
    expect(json(lines)).toContain("usage_secret");
  });

  it("refuses what one sender sent, another in the same commit is stored all the same", async () => {
    const { post } = door(({ events }) =>
      events.some(({ model }) => model === "poison")
        ? Promise.reject(Object.assign(new Error("no"), { code: "22P05" }))
        : accept({ events, keyHash: new Uint8Array() }),
    );
    const answers = await Promise.all([0, 1, 2, 3, 4].map((n) => post(json({ events: [event(n === 3 ? { model: "poison" } : {})] }))));
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200, 422, 200]);
  });
});

describe("an address or method that is not there", () => {
  it("gets JSON", async () => {
    const { app } = door();
    const wrongMethod = await app.request(url, { method: "GET" });
    expect(wrongMethod.headers.get("allow")).toBe("POST");
    expect(await errorOf(wrongMethod)).toMatchObject({ status: 405 });
    expect(await errorOf(await app.request("/api/sdk/v2/track", { method: "POST" }))).toMatchObject({ status: 404 });
  });
});

describe("the log", () => {
  it("has one line per request, with what it was and never with what it held", async () => {
    const { post, lines } = door(({ events }) => ({
      outcome: "ok",
      organizationId: "org-1",
      results: events.map(() => ({ code: "accepted" })),
    }));
    const response = await post(json({ events: [event({ feature: "very private" })] }), {}, `${url}?source=sdk&token=${key}`);
    expect(lines).toEqual([
      {
        level: "info",
        msg: "request",
        request_id: response.headers.get("x-request-id"),
        method: "POST",
        path: url,
        status: 200,
        ms: 0,
        organization_id: "org-1",
        accepted: 1,
        duplicates: 0,
        rejected: 0,
      },
    ]);
    expect(json(lines)).not.toMatch(/kkkk|very private/);
  });

  it("survives errors with details", async () => {
    const { post, lines } = door(() => Promise.reject(new AppError("internal", undefined, { cause: new Error("why") })));
    await post(json({ events: [event()] }));
    expect(json(lines)).toContain("why");
  });
});
