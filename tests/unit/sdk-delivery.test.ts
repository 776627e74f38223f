import { afterEach, describe, expect, test } from "vitest";
import { type Drop, TokenTRA, type TokenTRAOptions } from "../../lib/sdk/client.ts";
import { pauseBefore } from "../../lib/sdk/retry.ts";
import { accept, refuse, startTrackServer } from "../support/track-server.ts";

type Door = Awaited<ReturnType<typeof startTrackServer>>;
const open: { close: () => Promise<void> }[] = [];
afterEach(async () => {
  for (const server of open.splice(0)) await server.close();
});

async function setup(replies: Parameters<typeof startTrackServer>, options: Partial<TokenTRAOptions> = {}) {
  const door: Door = await startTrackServer(...replies);
  open.push(door);
  const drops: Drop[] = [];
  const tokentra = new TokenTRA({ apiKey: "tt_test_k", baseUrl: `${door.url}/`, onDrop: (drop) => drops.push(drop), ...options });
  return { door, tokentra, drops };
}

const event = (n: number) => ({ provider: "openai", model: "gpt-4.1", inputTokens: n, requestId: `r${n}` });
const reportMany = (tokentra: TokenTRA, count: number) => {
  for (let n = 0; n < count; n++) tokentra.track(event(n));
};

async function until(condition: () => boolean): Promise<void> {
  for (const deadline = Date.now() + 5_000; !condition(); ) {
    if (Date.now() > deadline) throw new Error("not within 5 s");
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

describe("track", () => {
  test("sends one event as the API names its fields, with defaults and the key", async () => {
    const { door, tokentra } = await setup([], { projectId: "p", environment: "dev" });
    const id = tokentra.track({
      provider: "anthropic",
      model: "claude-sonnet-4-5",
      timestamp: new Date("2026-01-02T03:04:05Z"),
      endpoint: "messages",
      serviceTier: "batch",
      inputTokens: 100,
      cachedInputTokens: 60,
      cacheWrite5mTokens: 10,
      outputTokens: 20,
      reasoningTokens: 5,
      webSearchCalls: 1,
      audioSeconds: "1.5",
      latencyMs: 12,
      feature: "f",
    });
    expect(await tokentra.flush()).toBe(true);
    expect(door.batches[0]!.headers.authorization).toBe("Bearer tt_test_k");
    expect(door.events).toEqual([
      {
        request_id: id,
        timestamp: "2026-01-02T03:04:05.000Z",
        provider: "anthropic",
        model: "claude-sonnet-4-5",
        endpoint: "messages",
        service_tier: "batch",
        input_tokens: 100,
        cached_input_tokens: 60,
        cache_write_5m_tokens: 10,
        output_tokens: 20,
        reasoning_tokens: 5,
        web_search_calls: 1,
        audio_seconds: "1.5",
        latency_ms: 12,
        feature: "f",
        project_id: "p",
        environment: "dev",
      },
    ]);
  });

  test("fixes what is sent when it is called, and keeps text that no database can hold from costing the event", async () => {
    const { door, tokentra } = await setup([]);
    const metadata = { state: "before", odd: "nul \0 and half \ud83c pair", big: 12n };
    tokentra.track({ provider: "p", model: "m", metadata });
    metadata.state = "after";
    await tokentra.flush();
    expect(door.events[0]!.metadata).toEqual({ state: "before", odd: "nul \ufffd and half \ufffd pair", big: "12" });
  });

  test("leaves out what the API would refuse, instead of losing the event", async () => {
    const errors: Error[] = [];
    const { door, tokentra, drops } = await setup([], { onError: (error) => errors.push(error) });
    const many = Object.fromEntries(Array.from({ length: 65 }, (_, n) => [`k${n}`, n]));
    tokentra.track({ ...event(1), feature: "f".repeat(300), metadata: { text: "x".repeat(20_000) } });
    tokentra.track({ ...event(2), userId: 7 as never, tags: { n: 1 as never }, metadata: many, sessionId: {} as never });
    await tokentra.flush();
    expect(door.events[0]).toMatchObject({ request_id: "r1", input_tokens: 1, feature: "f".repeat(200) });
    expect(door.events[1]).toMatchObject({ request_id: "r2", user_id: "7", tags: { n: "1" } });
    expect(door.events.flatMap((sent) => Object.keys(sent)).filter((key) => key === "metadata" || key === "session_id")).toEqual([]);
    expect(errors).toHaveLength(2);
    expect(drops).toEqual([]);
  });

  test("never throws, whatever it is given", async () => {
    const { door, tokentra, drops } = await setup([]);
    const cyclic: Record<string, unknown> = {};
    cyclic.self = cyclic;
    expect(() => tokentra.track({ provider: "p", model: "m", requestId: "kept", metadata: cyclic })).not.toThrow();
    expect(() => tokentra.track({ provider: "p", model: "m", timestamp: new Date(Number.NaN) })).not.toThrow();
    expect(() => tokentra.track(undefined as never)).not.toThrow();
    await tokentra.flush();
    expect(door.events.map(({ request_id, metadata }) => [request_id, metadata])).toEqual([["kept", undefined]]);
    expect(drops.map(({ reason }) => reason)).toEqual(["invalid", "invalid"]);
  });
});

describe("batches", () => {
  test("go out when they are full, and after a moment when they are not", async () => {
    const { door, tokentra } = await setup([], { maxBatchEvents: 10, maxBatchAgeMs: 20 });
    reportMany(tokentra, 25);
    // The door knows an event before the client has read that it was taken.
    await until(() => tokentra.pending === 0);
    expect(door.batches.map(({ events }) => events.length)).toEqual([10, 10, 5]);
    expect(door.events.map(({ request_id }) => request_id)).toEqual(Array.from({ length: 25 }, (_, n) => `r${n}`));
  });

  test("stay below the size of a request", async () => {
    const { door, tokentra } = await setup([], { maxBatchEvents: 5_000 });
    const text = "x".repeat(15_000);
    for (let n = 0; n < 300; n++) tokentra.track({ ...event(n), metadata: { text } });
    await tokentra.flush();
    expect(door.events).toHaveLength(300);
    expect(door.batches.length).toBeGreaterThan(2);
  });

  test("are halved when the server finds them too large", async () => {
    const { door, tokentra, drops } = await setup([refuse(413), accept]);
    reportMany(tokentra, 8);
    await tokentra.flush();
    expect(door.batches.map(({ events }) => events.length)).toEqual([8, 4, 4]);
    expect(drops).toEqual([]);
  });
});

describe("a server that cannot take them now", () => {
  test.each([429, 500, 503, 408])("%i: is asked again with the same events under the same ids", async (status) => {
    const { door, tokentra, drops } = await setup([refuse(status, { "retry-after": "0" }), accept]);
    reportMany(tokentra, 3);
    expect(await tokentra.flush()).toBe(true);
    expect(door.batches).toHaveLength(2);
    expect(door.batches[1]!.events).toEqual(door.batches[0]!.events);
    expect(drops).toEqual([]);
  });

  test("is left alone as long as it asks for", async () => {
    const { door, tokentra } = await setup([refuse(429, { "retry-after": "1" }), accept], { maxBatchEvents: 1 });
    tokentra.track(event(1));
    await until(() => door.batches.length === 1);
    for (let n = 2; n < 6; n++) tokentra.track(event(n));
    await tokentra.flush();
    expect(door.batches[1]!.at - door.batches[0]!.at).toBeGreaterThanOrEqual(990);
    expect(door.events.map(({ request_id }) => request_id)).toEqual(["r1", "r1", "r2", "r3", "r4", "r5"]);
  });

  test("or cannot be reached loses nothing once it is back", async () => {
    const { door, tokentra, drops } = await setup([]);
    let isDown = true;
    const client = new TokenTRA({
      apiKey: "k",
      baseUrl: door.url,
      onDrop: (drop) => drops.push(drop),
      fetch: (input, init) => (isDown ? Promise.reject(new TypeError("fetch failed")) : fetch(input, init)),
    });
    reportMany(client, 5);
    expect(await client.flush(100)).toBe(false);
    expect(client.pending).toBe(5);
    isDown = false;
    expect(await client.flush()).toBe(true);
    expect(door.events).toHaveLength(5);
    expect(drops).toEqual([]);
    await tokentra.shutdown();
  });

  test("costs the oldest when memory is full, and says how many", async () => {
    const { door, tokentra, drops } = await setup([refuse(503), accept], { maxQueueEvents: 10, maxBatchEvents: 4, maxBatchAgeMs: 1 });
    reportMany(tokentra, 4);
    await until(() => door.batches.length === 1);
    for (let n = 4; n < 20; n++) tokentra.track(event(n));
    await tokentra.flush();
    const sent = new Set(door.batches.slice(1).flatMap(({ events }) => events.map(({ request_id }) => request_id)));
    expect(sent).toEqual(new Set(Array.from({ length: 10 }, (_, n) => `r${n + 10}`)));
    expect(drops.every(({ reason }) => reason === "overflow")).toBe(true);
    expect(tokentra.dropped).toBe(10);
  });

  test("costs the oldest when the bytes are too many", async () => {
    const { tokentra } = await setup([refuse(503)], { maxQueueBytes: 50_000, maxBatchAgeMs: 60_000 });
    for (let n = 0; n < 20; n++) tokentra.track({ ...event(n), metadata: { text: "x".repeat(10_000) } });
    expect(tokentra.pending).toBe(4);
    expect(tokentra.dropped).toBe(16);
  });
});

describe("a server that will not take them", () => {
  test.each([400, 401, 403, 404, 422])("%i: is not asked again", async (status) => {
    const errors: Error[] = [];
    const { door, tokentra, drops } = await setup([refuse(status)], { onError: (error) => errors.push(error) });
    reportMany(tokentra, 2);
    expect(await tokentra.flush()).toBe(true);
    expect(door.batches).toHaveLength(1);
    expect(drops).toMatchObject([{ count: 2, reason: "refused", message: expect.stringContaining(`${status}`) }]);
    expect(errors).toHaveLength(1);
  });

  test("or not all of them: says which and why", async () => {
    const rejected = [{ index: 0, request_id: "r0", code: "invalid", message: "input_tokens must be an integer" }];
    const { tokentra, drops } = await setup([(response) => response.end(JSON.stringify({ accepted: 1, duplicates: 0, rejected }))]);
    reportMany(tokentra, 2);
    await tokentra.flush();
    expect(drops).toEqual([{ count: 1, reason: "refused", message: "r0: invalid: input_tokens must be an integer" }]);
  });
});

test("shutdown sends what waits, and what comes later is counted as lost", async () => {
  const { door, tokentra, drops } = await setup([], { maxBatchAgeMs: 60_000 });
  const derived = tokentra.with({ feature: "derived" });
  derived.track(event(1));
  expect(await tokentra.shutdown()).toBe(true);
  expect(door.events).toMatchObject([{ request_id: "r1", feature: "derived" }]);
  derived.track(event(2));
  expect(drops).toMatchObject([{ count: 1, reason: "closed" }]);
  expect(await tokentra.shutdown()).toBe(true);
});

test("the pause grows with jitter, obeys Retry-After in seconds and as a date, and has an end", () => {
  const now = Date.parse("2026-01-01T00:00:00Z");
  const most = (failures: number) => pauseBefore(failures, null, now, () => 1);
  expect([1, 2, 3, 4].map(most)).toEqual([250, 500, 1000, 2000]);
  expect(most(50)).toBe(30_000);
  expect(pauseBefore(3, null, now, () => 0)).toBe(500);
  expect(pauseBefore(1, "7", now, () => 0)).toBe(7_000);
  expect(pauseBefore(1, "Thu, 01 Jan 2026 00:00:09 GMT", now, () => 0)).toBe(9_000);
  expect(pauseBefore(1, "86400", now, () => 0)).toBe(300_000);
  expect(pauseBefore(2, "soon", now, () => 1)).toBe(500);
});

test("an option that is missing is the one thing that throws", () => {
  expect(() => new TokenTRA({ apiKey: "", baseUrl: "http://127.0.0.1" })).toThrow(TypeError);
  expect(() => new TokenTRA({ apiKey: "k", baseUrl: "" })).toThrow(TypeError);
});
