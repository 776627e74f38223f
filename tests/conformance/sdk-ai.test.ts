import { createOpenAI } from "@ai-sdk/openai";
import {
  APICallError,
  embed,
  generateImage,
  generateText,
  jsonSchema,
  stepCountIs,
  streamText,
  tool,
  wrapEmbeddingModel,
  wrapImageModel,
  wrapLanguageModel,
} from "ai";
import { MockLanguageModelV4 } from "ai/test";
import { describe, expect, test } from "vitest";
import { metered } from "../support/metered.ts";
import { fixture, json, stream, streamStart } from "../support/vendor-server.ts";

type Setup = Awaited<ReturnType<typeof metered>>;
const openaiAt = (setup: Setup) => createOpenAI({ apiKey: "sk-vendor", baseURL: `${setup.vendor.url}/v1` });
const chat = (setup: Setup) => wrapLanguageModel({ model: openaiAt(setup).chat("gpt-4.1"), middleware: setup.tokentra.middleware() });
const once = { maxRetries: 0, prompt: "Hello" };

describe("generateText", () => {
  test("gives the caller what the model alone would, and reports the call", async () => {
    await using setup = await metered([json("openai/chat.json")], { projectId: "checkout" });
    const tokentra = { feature: "greeting", userId: "u1", requestId: "r1" };
    const { text, usage } = await generateText({ ...once, model: chat(setup), providerOptions: { tokentra } });
    const plain = await generateText({ ...once, model: openaiAt(setup).chat("gpt-4.1") });
    expect([text, usage]).toEqual([plain.text, plain.usage]);
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
      normalizer: "ai@1",
      feature: "greeting",
      user_id: "u1",
      project_id: "checkout",
    });
    expect(event!.raw_usage).toMatchObject({ prompt_tokens: 2006 });
    for (const name of ["is_partial", "is_estimated"]) expect(event).not.toHaveProperty(name);
  });

  test("that answers with a tool call is one event per request to the model", async () => {
    await using setup = await metered([json("openai/chat-tool-calls.json"), json("openai/chat.json")]);
    const called = (
      JSON.parse(await fixture("openai/chat-tool-calls.json")) as {
        choices: [{ message: { tool_calls: [{ function: { name: string } }] } }];
      }
    ).choices[0].message.tool_calls[0].function.name;
    const anything = tool({ inputSchema: jsonSchema<object>({ type: "object" }), execute: async () => ({ ok: true }) });
    const { text, steps } = await setup.tokentra.with({ feature: "agent" }, () =>
      generateText({ ...once, model: chat(setup), tools: { [called]: anything }, stopWhen: stepCountIs(2) }),
    );
    expect(steps).toHaveLength(2);
    expect(text).toContain("Hello!");
    expect(await setup.events(2)).toMatchObject([
      { feature: "agent", service_tier: "flex", input_tokens: 82, output_tokens: 17 },
      { feature: "agent", input_tokens: 2006, output_tokens: 300 },
    ]);
  });

  test("through the Responses API counts the searches that were made", async () => {
    await using setup = await metered([json("openai/responses.json")]);
    const model = wrapLanguageModel({ model: openaiAt(setup).responses("gpt-5-mini"), middleware: setup.tokentra.middleware() });
    await generateText({ ...once, model });
    expect((await setup.events())[0]).toMatchObject({
      endpoint: "responses",
      model: "gpt-5-mini-2025-08-07",
      service_tier: "priority",
      input_tokens: 3052,
      cached_input_tokens: 2048,
      output_tokens: 1020,
      reasoning_tokens: 832,
      web_search_calls: 1,
    });
  });

  test.each([
    [
      "anthropic.messages",
      {
        input_tokens: 95,
        cache_creation_input_tokens: 30,
        cache_read_input_tokens: 500,
        cache_creation: { ephemeral_5m_input_tokens: 10, ephemeral_1h_input_tokens: 20 },
        output_tokens: 7,
        server_tool_use: { web_search_requests: 2 },
        service_tier: "priority",
      },
      {
        provider: "anthropic",
        endpoint: "messages",
        input_tokens: 625,
        cached_input_tokens: 500,
        cache_write_5m_tokens: 10,
        cache_write_1h_tokens: 20,
        output_tokens: 7,
        web_search_calls: 2,
        service_tier: "priority",
      },
    ],
    [
      "google.generative-ai",
      {
        promptTokenCount: 50,
        candidatesTokenCount: 5,
        thoughtsTokenCount: 9,
        totalTokenCount: 64,
        cachedContentTokenCount: 20,
        promptTokensDetails: [{ modality: "AUDIO", tokenCount: 30 }],
        trafficType: "ON_DEMAND",
      },
      { provider: "google", input_tokens: 50, cached_input_tokens: 20, input_audio_tokens: 30, output_tokens: 14, reasoning_tokens: 9 },
    ],
    [
      "amazon-bedrock",
      { inputTokens: 10, outputTokens: 4, totalTokens: 114, cacheReadInputTokens: 100, cacheWriteInputTokens: 0 },
      { provider: "aws", input_tokens: 110, cached_input_tokens: 100, output_tokens: 4 },
    ],
    [
      "somebody.chat",
      { anything: 1 },
      { provider: "somebody", endpoint: "chat.completions", input_tokens: 12, cached_input_tokens: 3, output_tokens: 6 },
    ],
  ])("%s: the vendor's own counts are read by the vendor's rules", async (provider, raw, expected) => {
    await using setup = await metered([]);
    const mock = new MockLanguageModelV4({
      provider,
      modelId: "m",
      doGenerate: async () => ({
        content: [{ type: "text", text: "Hi" }],
        finishReason: { unified: "stop", raw: "stop" },
        usage: {
          inputTokens: { total: 12, noCache: 9, cacheRead: 3, cacheWrite: undefined },
          outputTokens: { total: 6, text: 6, reasoning: undefined },
          raw,
        },
        warnings: [],
      }),
    });
    await generateText({ ...once, model: wrapLanguageModel({ model: mock, middleware: setup.tokentra.middleware() }) });
    const [event] = await setup.events();
    expect(event).toMatchObject({ ...expected, model: "m", status: "success", raw_usage: raw });
    expect(event).not.toHaveProperty("is_partial");
  });
});

describe("streamText", () => {
  test("passes every part, and takes usage from the last", async () => {
    await using setup = await metered([stream("openai/chat-stream-usage.sse")]);
    const words = async (model: Parameters<typeof streamText>[0]["model"]) => {
      const parts: string[] = [];
      for await (const part of streamText({ ...once, model }).textStream) parts.push(part);
      return parts;
    };
    expect(await words(chat(setup))).toEqual(await words(openaiAt(setup).chat("gpt-4.1")));
    const [event] = await setup.events();
    expect(event).toMatchObject({
      model: "gpt-4o-2024-08-06",
      input_tokens: 1117,
      cached_input_tokens: 1024,
      output_tokens: 46,
      status: "success",
    });
    expect(event).not.toHaveProperty("is_partial");
    expect(event!.time_to_first_token_ms).toBeLessThanOrEqual(Number(event!.latency_ms));
  });

  test("that the caller aborts is reported with what was produced, and flagged", async () => {
    await using setup = await metered([streamStart("openai/chat-stream-usage.sse", 6, "hang")]);
    const controller = new AbortController();
    let text = "";
    for await (const part of streamText({ ...once, model: chat(setup), abortSignal: controller.signal }).textStream) {
      text += part;
      if (text.includes("🎈")) controller.abort();
    }
    expect((await setup.events())[0]).toMatchObject({
      status: "success",
      error_code: "aborted",
      is_partial: true,
      is_estimated: true,
      // "Grüße aus dem Chat 🎈": 21 UTF-16 units.
      output_tokens: 6,
    });
  });

  test("that breaks off is an error for the caller and in the report", async () => {
    await using setup = await metered([streamStart("openai/chat-stream-usage.sse", 4, "break")]);
    const errors: unknown[] = [];
    await streamText({ ...once, model: chat(setup) }).consumeStream({ onError: (error) => void errors.push(error) });
    expect(errors).toHaveLength(1);
    expect((await setup.events())[0]).toMatchObject({ status: "error", is_partial: true });
  });
});

test("embeddings and pictures go through the same middleware", async () => {
  await using setup = await metered([json("openai/embeddings.json"), json("openai/images.json")]);
  const openai = openaiAt(setup);
  const middleware = setup.tokentra.middleware({ feature: "index" });
  const model = wrapEmbeddingModel({ model: openai.embedding("text-embedding-3-small"), middleware });
  expect((await embed({ model, value: "text", maxRetries: 0 })).embedding).toHaveLength(3);
  const images = await generateImage({
    model: wrapImageModel({ model: openai.image("gpt-image-1"), middleware }),
    prompt: "A cat",
    n: 2,
    maxRetries: 0,
  });
  expect(images.images).toHaveLength(2);
  const events = await setup.events(2);
  expect(events).toMatchObject([
    { endpoint: "embeddings", provider: "openai", model: "text-embedding-3-small", input_tokens: 8, output_tokens: 0, feature: "index" },
    { endpoint: "images", provider: "openai", model: "gpt-image-1", input_tokens: 13, output_tokens: 2112, images: 2, feature: "index" },
  ]);
  for (const event of events) expect(event).not.toHaveProperty("is_partial");
});

describe("failures", () => {
  test("are the package's own errors, and each attempt is reported", async () => {
    await using setup = await metered([
      json("openai/error-401.json", 401),
      json("openai/error-500.json", 500, { "retry-after-ms": "1" }),
      json("openai/chat.json"),
    ]);
    const error = await generateText({ ...once, model: chat(setup) }).catch((thrown: unknown) => thrown);
    expect(APICallError.isInstance(error)).toBe(true);
    await generateText({ ...once, maxRetries: 1, model: chat(setup) });
    const events = await setup.events(3);
    expect(events.map(({ status }) => status)).toEqual(["error", "error", "success"]);
    expect(events[0]).toMatchObject({ error_code: "invalid_api_key", model: "gpt-4.1" });
    expect(events[0]).not.toHaveProperty("input_tokens");
  });

  test("by the caller's signal are told apart", async () => {
    await using setup = await metered([() => {}]);
    const controller = new AbortController();
    const pending = generateText({ ...once, model: chat(setup), abortSignal: controller.signal });
    setTimeout(() => controller.abort(), 30);
    await expect(pending).rejects.toThrow();
    expect((await setup.events())[0]).toMatchObject({ status: "error", error_code: "aborted" });
  });
});
