import { expect, test } from "vitest";
import { createIngestApp } from "../../lib/ingest/app.ts";
import type { RecordUsage } from "../../lib/ingest/submission.ts";
import { Batches } from "../../lib/sdk/batch.ts";
import { TokenTRA } from "../../lib/sdk/client.ts";
import { meteredFetch } from "../../lib/sdk/metered-fetch.ts";
import type { Fetch } from "../../lib/sdk/metering.ts";
import { type UsageEvent, usageFields } from "../../lib/usage/schema.ts";
import { doorTools } from "../support/door-tools.ts";
import { fixture } from "../support/vendor-server.ts";

/** The SDK in front of the real door, whose database is a list. */
function doorway() {
  const stored: UsageEvent[] = [];
  const sent: Record<string, unknown>[] = [];
  const record: RecordUsage = async (submissions) =>
    submissions.map(({ events }) => {
      stored.push(...events);
      return { outcome: "ok", results: events.map(() => ({ code: "accepted" })) };
    });
  const app = createIngestApp({ ...doorTools(() => Date.now()).tools, record });
  const drops: unknown[] = [];
  const tokentra = new TokenTRA({
    apiKey: `tt_live_${"k".repeat(43)}`,
    baseUrl: "http://door.example",
    onDrop: (drop) => drops.push(drop),
    fetch: async (input, init) => {
      sent.push(...(JSON.parse(String(init?.body)) as { events: Record<string, unknown>[] }).events);
      return app.request(String(input), init);
    },
  });
  return { tokentra, stored, sent, drops };
}

test("every field that can be reported by hand is one the door knows and takes", async () => {
  const { tokentra, stored, sent, drops } = doorway();
  tokentra.track({
    provider: "openai",
    model: "gpt-4.1",
    requestId: "r",
    timestamp: new Date(),
    endpoint: "chat.completions",
    serviceTier: "flex",
    region: "us",
    inputTokens: 9,
    cachedInputTokens: 1,
    cacheWrite5mTokens: 1,
    cacheWrite1hTokens: 1,
    inputAudioTokens: 1,
    cachedInputAudioTokens: 1,
    outputTokens: 3,
    reasoningTokens: 1,
    outputAudioTokens: 1,
    webSearchCalls: 1,
    images: 1,
    audioSeconds: "1.25",
    status: "error",
    errorCode: "e",
    latencyMs: 5,
    timeToFirstTokenMs: 2,
    cacheHit: true,
    rawUsage: { a: 1 },
    isEstimated: true,
    feature: "f",
    userId: "u",
    teamId: "t",
    projectId: "p",
    environment: "e",
    sessionId: "s",
    traceId: "tr",
    operationId: "o",
    tags: { a: "b" },
    metadata: { a: [1] },
  });
  await tokentra.shutdown();
  expect(drops).toEqual([]);
  expect(stored).toHaveLength(1);
  expect(Object.keys(sent[0]!).filter((name) => !(name in usageFields))).toEqual([]);
  const unset = Object.entries(stored[0]!).filter(([, value]) => value === null || value === false);
  expect(unset.map(([name]) => name).sort()).toEqual(["is_partial", "normalizer", "prompt_fingerprint", "prompt_hash"]);
});

test.each([
  ["images/generations", "openai/images.json", "application/json"],
  ["audio/transcriptions", "openai/transcription.json", "application/json"],
  ["audio/transcriptions", "openai/transcription-verbose.json", "application/json"],
  ["models/gemini-2.5-flash:generateContent", "google/content.json", "application/json"],
  ["models/gemini-2.5-flash:streamGenerateContent", "google/content-stream.sse", "text/event-stream"],
  ["chat/completions", "openai/chat.json", "application/json"],
  ["chat/completions", "openai/chat-stream-usage.sse", "text/event-stream"],
  ["responses", "openai/responses.json", "application/json"],
  ["responses", "openai/responses-stream.sse", "text/event-stream"],
  ["embeddings", "openai/embeddings.json", "application/json"],
  ["messages", "anthropic/message.json", "application/json"],
  ["messages", "anthropic/message-stream.sse", "text/event-stream"],
])("what is metered from %s (%s) is taken whole", async (path, name, type) => {
  const { tokentra, stored, sent, drops } = doorway();
  const body = await fixture(name);
  const vendor: Fetch = async () => new Response(body, { headers: { "content-type": type } });
  const client = { fetch: vendor, withOptions: (options: { fetch?: Fetch }) => ({ ...client, ...options }) };
  const wrapped = tokentra.wrap(client);
  await (await wrapped.fetch(`https://api.openai.com/v1/${path}`, { method: "POST", body: '{"model":"m","stream":true}' })).text();
  await tokentra.shutdown();
  expect(drops).toEqual([]);
  expect(stored).toMatchObject([{ status: "success", is_partial: null, is_estimated: null }]);
  expect(Object.keys(sent[0]!).filter((field) => !(field in usageFields))).toEqual([]);
});

test("metering that fails by itself lets the call through untouched", async () => {
  const errors: unknown[] = [];
  const body = '{"model":"m"}';
  const record = () => {
    throw new Error("no memory");
  };
  const vendor: Fetch = async (_input, init) => Response.json({ echoed: init?.body });
  const onError = (error: unknown) => errors.push(error);
  const metering = { metadata: () => ({}), provider: undefined, record, onError, background: new Map(), batches: new Batches() };
  const reply = await meteredFetch(vendor, metering)("https://api.openai.com/v1/embeddings", { method: "POST", body });
  expect(await reply.json()).toEqual({ echoed: body });
  expect(errors).toHaveLength(1);
});
