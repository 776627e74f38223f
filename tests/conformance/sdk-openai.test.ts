import OpenAI, { APIUserAbortError, AuthenticationError, RateLimitError } from "openai";
import { zodResponseFormat } from "openai/helpers/zod";
import { describe, expect, test } from "vitest";
import { z } from "zod";
import type {} from "../../lib/sdk/openai.ts";
import { metered } from "../support/metered.ts";
import { type Answer, fixture, json, stream, streamStart } from "../support/vendor-server.ts";

const PLAIN = { maxRetries: 0, apiKey: "sk-vendor" };
const CHAT = { model: "gpt-4.1", messages: [{ role: "user" as const, content: "Hello" }] };

const clients = (vendor: { url: string }, wrap: (client: OpenAI) => OpenAI, options: object = PLAIN) => {
  const plain = new OpenAI({ ...PLAIN, ...options, baseURL: `${vendor.url}/v1` });
  return { plain, wrapped: wrap(plain) };
};

describe("chat completions", () => {
  test("give the caller what the client alone would, and report the call", async () => {
    await using setup = await metered([json("openai/chat.json")], { projectId: "checkout", environment: "production" });
    const { plain, wrapped } = clients(setup.vendor, (client) => setup.tokentra.wrap(client, { provider: "openai" }));
    expect(wrapped).toBeInstanceOf(OpenAI);
    const completion = await wrapped.chat.completions.create({
      ...CHAT,
      tokentra: {
        feature: "greeting",
        userId: "u1",
        teamId: "core",
        sessionId: "s1",
        tags: { a: "b" },
        metadata: { n: 1 },
        requestId: "r1",
      },
    });
    expect(completion).toEqual(await plain.chat.completions.create(CHAT));
    expect(completion._request_id).toBe("req_1");
    expect(setup.vendor.asked[0]!.body).toEqual(setup.vendor.asked[1]!.body);
    const [event] = await setup.events();
    expect(event).toMatchObject({
      request_id: "r1",
      provider: "openai",
      model: "gpt-4.1-2025-04-14",
      endpoint: "chat.completions",
      service_tier: "standard",
      status: "success",
      input_tokens: 2006,
      cached_input_tokens: 1920,
      output_tokens: 300,
      reasoning_tokens: 128,
      normalizer: "openai-chat@1",
      raw_usage: (JSON.parse(await fixture("openai/chat.json")) as { usage: object }).usage,
      feature: "greeting",
      user_id: "u1",
      team_id: "core",
      session_id: "s1",
      project_id: "checkout",
      environment: "production",
      tags: { a: "b" },
      metadata: { n: 1 },
    });
    expect(event).not.toHaveProperty("is_estimated");
    expect(event!.latency_ms).toBeGreaterThanOrEqual(0);
    expect(Math.abs(Date.parse(String(event!.timestamp)) - Date.now())).toBeLessThan(10_000);
  });

  test("keep withResponse, asResponse and an unread body", async () => {
    await using setup = await metered([json("openai/chat.json", 200, { "x-ratelimit-remaining-requests": "59" })]);
    const { wrapped } = clients(setup.vendor, (client) => setup.tokentra.wrap(client));
    const { data, response, request_id } = await wrapped.chat.completions.create(CHAT).withResponse();
    expect(data.choices[0]!.message.content).toBe("Hello! How can I assist you today?");
    expect(response.headers.get("x-ratelimit-remaining-requests")).toBe("59");
    expect(response.url).toBe(`${setup.vendor.url}/v1/chat/completions`);
    expect(request_id).toBe("req_1");
    const raw = await wrapped.chat.completions.create(CHAT).asResponse();
    expect(await raw.text()).toBe(await fixture("openai/chat.json"));
    expect((await setup.events(2)).map((event) => event.output_tokens)).toEqual([300, 300]);
  });

  test("keep parse", async () => {
    const answer = JSON.parse(await fixture("openai/chat.json")) as OpenAI.ChatCompletion;
    answer.choices[0]!.message.content = '{"city":"Paris"}';
    await using setup = await metered([
      (response) => void response.setHeader("content-type", "application/json").end(JSON.stringify(answer)),
    ]);
    const { wrapped } = clients(setup.vendor, (client) => setup.tokentra.wrap(client));
    const parsed = await wrapped.chat.completions.parse({
      ...CHAT,
      response_format: zodResponseFormat(z.object({ city: z.string() }), "place"),
      tokentra: { feature: "parse" },
    });
    expect(parsed.choices[0]!.message.parsed).toEqual({ city: "Paris" });
    expect(setup.vendor.asked[0]!.body).not.toHaveProperty("tokentra");
    expect((await setup.events())[0]).toMatchObject({ feature: "parse", input_tokens: 2006 });
  });

  test("report tool calls, the served tier and a vendor of the same format", async () => {
    await using setup = await metered([json("openai/chat-tool-calls.json"), json("openai/deepseek-chat.json")]);
    const { wrapped } = clients(setup.vendor, (client) => setup.tokentra.wrap(client));
    const completion = await wrapped.chat.completions.create({ ...CHAT, service_tier: "priority" });
    expect(completion.choices[0]!.message.tool_calls).toHaveLength(1);
    await wrapped.chat.completions.create(CHAT);
    const [tools, deepseek] = await setup.events(2);
    expect(tools).toMatchObject({ service_tier: "flex", input_tokens: 82, output_tokens: 17, provider: "127.0.0.1" });
    expect(deepseek).toMatchObject({ input_tokens: 120, cached_input_tokens: 64, output_tokens: 60, reasoning_tokens: 40 });
  });
});

describe("chat streams", () => {
  const collect = async (chunks: AsyncIterable<OpenAI.ChatCompletionChunk>) => {
    const all: OpenAI.ChatCompletionChunk[] = [];
    for await (const chunk of chunks) all.push(chunk);
    return all;
  };

  test("ask for usage, and hide it from a caller who did not", async () => {
    await using setup = await metered([stream("openai/chat-stream-usage.sse"), stream("openai/chat-stream.sse")]);
    const { plain, wrapped } = clients(setup.vendor, (client) => setup.tokentra.wrap(client));
    const chunks = await collect(await wrapped.chat.completions.create({ ...CHAT, stream: true, tokentra: { feature: "live" } }));
    // What the vendor sends to a client that does not ask.
    expect(chunks).toEqual(await collect(await plain.chat.completions.create({ ...CHAT, stream: true })));
    expect(setup.vendor.asked[0]!.body).toEqual({ ...CHAT, stream: true, stream_options: { include_usage: true } });
    const [event] = await setup.events();
    expect(event).toMatchObject({
      feature: "live",
      model: "gpt-4o-2024-08-06",
      status: "success",
      input_tokens: 1117,
      cached_input_tokens: 1024,
      output_tokens: 46,
    });
    expect(event).not.toHaveProperty("is_partial");
    expect(event!.time_to_first_token_ms).toBeLessThanOrEqual(Number(event!.latency_ms));
  });

  test("show usage to a caller who asked, byte for byte as it came", async () => {
    await using setup = await metered([stream("openai/chat-stream-usage.sse", 7)]);
    const { wrapped } = clients(setup.vendor, (client) => setup.tokentra.wrap(client));
    const asked = { ...CHAT, stream: true as const, stream_options: { include_usage: true } };
    const raw = await wrapped.chat.completions.create(asked).asResponse();
    expect(await raw.text()).toBe(await fixture("openai/chat-stream-usage.sse"));
    const chunks = await collect(await wrapped.chat.completions.create(asked));
    expect(chunks.at(-1)!.usage?.total_tokens).toBe(1163);
    expect(await setup.events(2)).toHaveLength(2);
  });

  test("keep the stream helper with its tool calls", async () => {
    await using setup = await metered([stream("openai/chat-stream-tools.sse")]);
    const { wrapped } = clients(setup.vendor, (client) => setup.tokentra.wrap(client));
    const final = await wrapped.chat.completions.stream({ ...CHAT, tokentra: { feature: "helper" } }).finalChatCompletion();
    expect(final.choices[0]!.message.tool_calls![0]!).toMatchObject({ function: { name: "get_weather", arguments: '{"city":"Paris"}' } });
    expect((await setup.events())[0]).toMatchObject({ feature: "helper", input_tokens: 54, output_tokens: 15 });
  });

  test("arrive as they come, not at the end", async () => {
    await using setup = await metered([streamStart("openai/chat-stream-usage.sse", 3, "hang")]);
    const { wrapped } = clients(setup.vendor, (client) => setup.tokentra.wrap(client));
    const chunks = await wrapped.chat.completions.create({ ...CHAT, stream: true });
    const iterator = chunks[Symbol.asyncIterator]();
    await iterator.next();
    expect((await iterator.next()).value?.choices[0]?.delta.content).toBe("Grüße");
    await iterator.return?.();
  });

  test.each(["break", "abort"] as const)("that the caller ends by %s are reported with what was produced, and flagged", async (how) => {
    await using setup = await metered([streamStart("openai/chat-stream-usage.sse", 6, "hang")]);
    const { wrapped } = clients(setup.vendor, (client) => setup.tokentra.wrap(client));
    const chunks = await wrapped.chat.completions.create({ ...CHAT, stream: true });
    let seen = 0;
    for await (const _chunk of chunks) {
      if (++seen < 6) continue;
      if (how === "break") break;
      chunks.controller.abort();
    }
    const [event] = await setup.events();
    expect(event).toMatchObject({ status: "success", error_code: "aborted", is_partial: true, is_estimated: true });
    // "Grüße aus dem Chat 🎈": 21 UTF-16 units; the prompt: "user" + "Hello".
    expect(event).toMatchObject({ output_tokens: 6, input_tokens: 3 });
  });

  test("that break off are an error for the caller and in the report", async () => {
    await using setup = await metered([streamStart("openai/chat-stream-usage.sse", 4, "break")]);
    const { wrapped } = clients(setup.vendor, (client) => setup.tokentra.wrap(client));
    await expect(async () => collect(await wrapped.chat.completions.create({ ...CHAT, stream: true }))).rejects.toThrow();
    expect((await setup.events())[0]).toMatchObject({ status: "error", error_code: "stream_interrupted", is_partial: true });
  });
});

describe("responses", () => {
  test("count reasoning, cached tokens and the searches that were made", async () => {
    await using setup = await metered([json("openai/responses.json")]);
    const { wrapped } = clients(setup.vendor, (client) => setup.tokentra.wrap(client));
    const response = await wrapped.responses.create({ model: "gpt-5-mini", input: "stars?", tokentra: { feature: "search" } });
    expect(response.output_text).toBe("The stars are far.");
    expect((await setup.events())[0]).toMatchObject({
      endpoint: "responses",
      model: "gpt-5-mini-2025-08-07",
      service_tier: "priority",
      input_tokens: 3052,
      cached_input_tokens: 2048,
      output_tokens: 1020,
      reasoning_tokens: 832,
      web_search_calls: 1,
      feature: "search",
      normalizer: "openai-responses@1",
    });
  });

  test("stream through create and through the helper", async () => {
    await using setup = await metered([stream("openai/responses-stream.sse")]);
    const { wrapped } = clients(setup.vendor, (client) => setup.tokentra.wrap(client));
    const types: string[] = [];
    for await (const event of await wrapped.responses.create({ model: "gpt-5-mini", input: "stars?", stream: true }))
      types.push(event.type);
    expect(types.at(-1)).toBe("response.completed");
    const final = await wrapped.responses.stream({ model: "gpt-5-mini", input: "stars?" }).finalResponse();
    expect(final.output_text).toBe("The stars are far.");
    for (const event of await setup.events(2)) {
      expect(event).toMatchObject({ service_tier: "priority", input_tokens: 3052, output_tokens: 1020, status: "success" });
      expect(event).not.toHaveProperty("is_partial");
    }
  });
});

describe("responses that do more than answer", () => {
  test("with a tool call and a picture count what was told, and are flagged for the picture", async () => {
    await using setup = await metered([json("openai/responses-tools.json")]);
    const { wrapped } = clients(setup.vendor, (client) => setup.tokentra.wrap(client));
    const { output } = await wrapped.responses.create({ model: "gpt-4.1", input: "Weather, and a picture of it" });
    expect(output[0]).toMatchObject({ type: "function_call", arguments: '{"location":"Boston, MA"}' });
    const [event] = await setup.events();
    expect(event).toMatchObject({ service_tier: "standard", input_tokens: 291, output_tokens: 23, images: 1, is_partial: true });
  });

  test("and fail in the middle, or are left, say what was produced", async () => {
    const left = streamStart("openai/responses-stream-failed.sse", 3, "hang");
    await using setup = await metered([stream("openai/responses-stream-failed.sse"), left]);
    const { wrapped } = clients(setup.vendor, (client) => setup.tokentra.wrap(client));
    const asked = { model: "gpt-4.1", input: "Weather?", stream: true as const };
    const types: string[] = [];
    for await (const event of await wrapped.responses.create(asked)) types.push(event.type);
    expect(types.at(-1)).toBe("response.failed");
    let seen = 0;
    for await (const _event of await wrapped.responses.create(asked)) if (++seen === 3) break;
    const events = await setup.events(2);
    // '{"city":"Paris"}': 16 characters; the prompt: "Weather?", 8.
    const produced = { model: "gpt-4.1-2025-04-14", input_tokens: 2, output_tokens: 4, is_estimated: true };
    expect(events[0]).toMatchObject({ ...produced, status: "error", error_code: "server_error" });
    expect(events[1]).toMatchObject({ ...produced, status: "success", error_code: "aborted", is_partial: true });
  });
});

test("a response that runs in the background is reported once, when it is fetched complete", async () => {
  const complete = JSON.parse(await fixture("openai/responses.json")) as Record<string, unknown>;
  const queued = { ...complete, status: "queued", usage: null, output: [], background: true };
  const reply =
    (body: object): Answer =>
    (response) =>
      void response.setHeader("content-type", "application/json").end(JSON.stringify(body));
  await using setup = await metered([reply(queued), reply({ ...queued, status: "in_progress" }), reply({ ...complete, background: true })]);
  const { wrapped } = clients(setup.vendor, (client) => setup.tokentra.wrap(client));
  const { id } = await wrapped.responses.create({ model: "gpt-5-mini", input: "stars?", background: true, tokentra: { feature: "later" } });
  for (const status of ["in_progress", "completed", "completed"]) expect((await wrapped.responses.retrieve(id)).status).toBe(status);
  expect((await setup.events())[0]).toMatchObject({ feature: "later", input_tokens: 3052, output_tokens: 1020, status: "success" });
});

test("embeddings have input only", async () => {
  await using setup = await metered([json("openai/embeddings.json")]);
  const { wrapped } = clients(setup.vendor, (client) => setup.tokentra.wrap(client));
  const result = await wrapped.embeddings.create({
    model: "text-embedding-3-small",
    input: "text",
    encoding_format: "float",
    tokentra: { feature: "index" },
  });
  expect(result.data[0]!.embedding).toHaveLength(3);
  expect((await setup.events())[0]).toMatchObject({ endpoint: "embeddings", input_tokens: 8, output_tokens: 0, feature: "index" });
});

describe("failures", () => {
  test("are the client's own errors, and reported without tokens", async () => {
    await using setup = await metered([json("openai/error-401.json", 401)]);
    const { wrapped } = clients(setup.vendor, (client) => setup.tokentra.wrap(client));
    const error = await wrapped.chat.completions.create(CHAT).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(AuthenticationError);
    expect(error).toMatchObject({ status: 401, code: "invalid_api_key", requestID: "req_1" });
    const [event] = await setup.events();
    expect(event).toMatchObject({ status: "error", error_code: "invalid_api_key", model: "gpt-4.1" });
    expect(event).not.toHaveProperty("input_tokens");
  });

  test("that the client repeats are attempts of one operation", async () => {
    const soon = { "retry-after-ms": "1" };
    await using setup = await metered([
      json("openai/error-429.json", 429, soon),
      json("openai/error-500.json", 500, soon),
      json("openai/chat.json"),
    ]);
    const { wrapped } = clients(setup.vendor, (client) => setup.tokentra.wrap(client), { maxRetries: 2 });
    expect((await wrapped.chat.completions.create({ ...CHAT, tokentra: { feature: "retried" } })).usage?.total_tokens).toBe(2306);
    const events = await setup.events(3);
    expect(events.map(({ status }) => status)).toEqual(["error", "error", "success"]);
    expect(events[0]).toMatchObject({ error_code: expect.stringMatching(/^(rate_limit_exceeded|http_429)$/), feature: "retried" });
    expect(events[0]!.operation_id).toEqual(expect.any(String));
    expect(new Set(events.map(({ operation_id }) => operation_id)).size).toBe(1);
    expect(new Set(events.map(({ request_id }) => request_id)).size).toBe(3);
    expect(setup.vendor.asked.map(({ headers }) => headers["x-stainless-retry-count"])).toEqual(["0", "1", "2"]);
  });

  test("after the last repetition reach the caller", async () => {
    await using setup = await metered([json("openai/error-429.json", 429, { "retry-after-ms": "1" })]);
    const { wrapped } = clients(setup.vendor, (client) => setup.tokentra.wrap(client), { maxRetries: 1 });
    await expect(wrapped.chat.completions.create(CHAT)).rejects.toBeInstanceOf(RateLimitError);
    expect((await setup.events(2)).at(-1)).toMatchObject({ error_code: "rate_limit_exceeded" });
  });

  test("by time-out, by the caller's signal and by a dead address are told apart", async () => {
    await using setup = await metered([() => {}]);
    const { wrapped } = clients(setup.vendor, (client) => setup.tokentra.wrap(client));
    await expect(wrapped.chat.completions.create(CHAT, { timeout: 30 })).rejects.toThrow(/timed out/);
    const controller = new AbortController();
    const aborted = wrapped.chat.completions.create(CHAT, { signal: controller.signal });
    setTimeout(() => controller.abort(), 30);
    await expect(aborted).rejects.toBeInstanceOf(APIUserAbortError);
    const dead = setup.tokentra.wrap(new OpenAI({ ...PLAIN, baseURL: "http://127.0.0.1:1/v1" }));
    await expect(dead.chat.completions.create(CHAT)).rejects.toThrow(/Connection error/);
    const events = await setup.events(3);
    expect(events.map(({ status, error_code }) => [status, error_code])).toEqual([
      ["timeout", "timeout"],
      ["error", "aborted"],
      ["error", "connection_error"],
    ]);
  });
});

describe("wrapping", () => {
  test("leaves other calls alone, wraps once, and leaves the original client as it was", async () => {
    await using setup = await metered([json("openai/chat.json")]);
    const { plain, wrapped } = clients(setup.vendor, (client) => setup.tokentra.wrap(client));
    expect(setup.tokentra.wrap(wrapped)).toBe(wrapped);
    await wrapped.models.list();
    await plain.chat.completions.create(CHAT);
    await wrapped.withOptions({ timeout: 5_000 }).chat.completions.create({ ...CHAT, tokentra: { feature: "derived" } });
    expect(await setup.events(1)).toMatchObject([{ feature: "derived" }]);
  });

  test("derives instances with defaults, the nearest winning", async () => {
    await using setup = await metered([json("openai/chat.json")], { feature: "base", environment: "test", tags: { a: "1" } });
    const derived = setup.tokentra.with({ feature: "derived", userId: "u", tags: { b: "2" } });
    const { wrapped } = clients(setup.vendor, (client) => derived.wrap(client, { sessionId: "s" }));
    await wrapped.chat.completions.create({ ...CHAT, tokentra: { feature: "call", tags: { c: "3" } } });
    await wrapped.chat.completions.create(CHAT);
    const events = await setup.events(2);
    expect(events[0]!.operation_id).not.toBe(events[1]!.operation_id);
    expect(events[0]).toMatchObject({
      feature: "call",
      user_id: "u",
      session_id: "s",
      environment: "test",
      tags: { a: "1", b: "2", c: "3" },
    });
    expect(events[1]).toMatchObject({ feature: "derived", user_id: "u", tags: { a: "1", b: "2" } });
  });

  test("never makes the caller wait for our server, nor fail with it", async () => {
    await using setup = await metered([json("openai/chat.json")], {
      fetch: () => new Promise<Response>(() => {}),
      onError() {
        throw new Error("a broken callback");
      },
    });
    const { wrapped } = clients(setup.vendor, (client) => setup.tokentra.wrap(client));
    const cyclic: Record<string, unknown> = {};
    cyclic.self = cyclic;
    const completion = await wrapped.chat.completions.create(CHAT);
    expect(completion.usage?.total_tokens).toBe(2306);
    expect(() => setup.tokentra.track({ provider: "p", model: "m", metadata: cyclic })).not.toThrow();
    expect(setup.tokentra.pending).toBe(2);
    expect(await setup.tokentra.flush(50)).toBe(false);
    await setup.tokentra.shutdown(10);
  });
});
