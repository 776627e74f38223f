import Anthropic, { AuthenticationError } from "@anthropic-ai/sdk";
import { describe, expect, test } from "vitest";
import type {} from "../../lib/sdk/anthropic.ts";
import type { TokenTRA } from "../../lib/sdk/client.ts";
import { metered } from "../support/metered.ts";
import { fixture, json, stream, streamStart } from "../support/vendor-server.ts";

const MESSAGE = { model: "claude-opus-4-5", max_tokens: 1024, messages: [{ role: "user" as const, content: "Hello" }] };

function clients(setup: { vendor: { url: string }; tokentra: TokenTRA }, options: object = {}) {
  const plain = new Anthropic({ apiKey: "sk-ant-vendor", baseURL: setup.vendor.url, maxRetries: 0, ...options });
  return { plain, wrapped: setup.tokentra.wrap(plain, { provider: "anthropic" }) };
}

describe("messages", () => {
  test("give the caller what the client alone would; input counts cache reads and writes too", async () => {
    await using setup = await metered([json("anthropic/message.json")]);
    const { plain, wrapped } = clients(setup);
    expect(wrapped).toBeInstanceOf(Anthropic);
    const message = await wrapped.messages.create({ ...MESSAGE, tokentra: { feature: "chat", userId: "u1" } });
    expect(message).toEqual(await plain.messages.create(MESSAGE));
    expect(setup.vendor.asked[0]!.body).toEqual(setup.vendor.asked[1]!.body);
    const [event] = await setup.events();
    expect(event).toMatchObject({
      provider: "anthropic",
      model: "claude-opus-4-5-20251101",
      endpoint: "messages",
      service_tier: "standard",
      region: "us",
      status: "success",
      input_tokens: 2095 + 1500 + 18_000,
      cached_input_tokens: 18_000,
      cache_write_5m_tokens: 500,
      cache_write_1h_tokens: 1000,
      output_tokens: 503,
      reasoning_tokens: 210,
      web_search_calls: 2,
      normalizer: "anthropic-messages@1",
      raw_usage: (JSON.parse(await fixture("anthropic/message.json")) as { usage: object }).usage,
      feature: "chat",
      user_id: "u1",
    });
    expect(event).not.toHaveProperty("is_partial");
  });

  test("keep withResponse and asResponse", async () => {
    await using setup = await metered([json("anthropic/message.json")]);
    const { wrapped } = clients(setup);
    const { data, response, request_id } = await wrapped.messages.create(MESSAGE).withResponse();
    expect([data.id, response.status, request_id]).toEqual(["msg_013Zva2CMHLNnXjNJJKqJ2EF", 200, "req_1"]);
    const raw = await wrapped.messages.create(MESSAGE).asResponse();
    expect(await raw.text()).toBe(await fixture("anthropic/message.json"));
    await setup.events(2);
  });

  test("whose cache counts contradict each other are reported as told, and flagged", async () => {
    const answer = JSON.parse(await fixture("anthropic/message.json")) as {
      usage: { cache_creation: { ephemeral_1h_input_tokens: number } };
    };
    answer.usage.cache_creation.ephemeral_1h_input_tokens = 5;
    await using setup = await metered([
      (response) => void response.setHeader("content-type", "application/json").end(JSON.stringify(answer)),
    ]);
    await clients(setup).wrapped.messages.create(MESSAGE);
    expect((await setup.events())[0]).toMatchObject({ cache_write_1h_tokens: 5, input_tokens: 21_595, is_partial: true });
  });
});

describe("message streams", () => {
  const expected = {
    model: "claude-opus-4-5-20251101",
    status: "success",
    input_tokens: 472 + 1024,
    cached_input_tokens: 1024,
    output_tokens: 89,
  };

  test("through create: every event as it came, usage merged from start and end", async () => {
    await using setup = await metered([stream("anthropic/message-stream.sse", 13)]);
    const { plain, wrapped } = clients(setup);
    const collect = async (client: Anthropic, extra: object = {}) => {
      const events: unknown[] = [];
      for await (const event of await client.messages.create({ ...MESSAGE, ...extra, stream: true })) events.push(event);
      return events;
    };
    expect(await collect(wrapped, { tokentra: { feature: "live" } })).toEqual(await collect(plain));
    expect(setup.vendor.asked[0]!.body).toEqual({ ...MESSAGE, stream: true });
    const [event] = await setup.events();
    expect(event).toMatchObject({ ...expected, feature: "live" });
    expect(event).not.toHaveProperty("is_partial");
    expect(event).not.toHaveProperty("region");
    expect(event).toHaveProperty("time_to_first_token_ms");
  });

  test("through the helper, with its events and its final message", async () => {
    await using setup = await metered([stream("anthropic/message-stream.sse")]);
    const texts: string[] = [];
    const helper = clients(setup).wrapped.messages.stream({ ...MESSAGE, tokentra: { feature: "helper" } });
    helper.on("text", (text) => texts.push(text));
    const final = await helper.finalMessage();
    expect(texts.join("")).toBe("Okay, let's check ünïcode 🌦");
    expect(final.content[1]).toMatchObject({ type: "tool_use", input: { location: "San Francisco, CA" } });
    expect((await setup.events())[0]).toMatchObject({ ...expected, feature: "helper" });
  });

  test("that the caller aborts keep the input that was told and estimate the output", async () => {
    await using setup = await metered([streamStart("anthropic/message-stream.sse", 6, "hang")]);
    const helper = clients(setup).wrapped.messages.stream(MESSAGE);
    helper.on("text", (_text, snapshot) => snapshot.startsWith("Okay, let's check") && helper.abort());
    await expect(helper.finalMessage()).rejects.toThrow(/abort/i);
    expect((await setup.events())[0]).toMatchObject({
      status: "success",
      error_code: "aborted",
      is_partial: true,
      is_estimated: true,
      input_tokens: 1496,
      // "Okay, let's check ünïcode": 25 characters
      output_tokens: 7,
    });
  });

  test("that fail in the middle are an error for the caller and in the report", async () => {
    await using setup = await metered([stream("anthropic/message-stream-error.sse")]);
    await expect(async () => {
      for await (const _event of await clients(setup).wrapped.messages.create({ ...MESSAGE, stream: true }));
    }).rejects.toThrow(/Overloaded/);
    expect((await setup.events())[0]).toMatchObject({
      status: "error",
      error_code: "overloaded_error",
      is_partial: true,
      input_tokens: 1496,
    });
  });
});

describe("failures", () => {
  test("are the client's own errors", async () => {
    await using setup = await metered([json("anthropic/error-401.json", 401)]);
    const error = await clients(setup)
      .wrapped.messages.create(MESSAGE)
      .catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(AuthenticationError);
    expect((await setup.events())[0]).toMatchObject({ status: "error", error_code: "authentication_error" });
  });

  test("that the client repeats are attempts of one operation", async () => {
    await using setup = await metered([json("anthropic/error-529.json", 529, { "retry-after-ms": "1" }), json("anthropic/message.json")]);
    await clients(setup, { maxRetries: 2 }).wrapped.messages.create(MESSAGE);
    const events = await setup.events(2);
    expect(events.map(({ status }) => status)).toEqual(["error", "success"]);
    expect(new Set(events.map(({ operation_id }) => operation_id)).size).toBe(1);
    expect(events[0]!.operation_id).toEqual(expect.any(String));
  });
});

test("counting tokens and batches are not calls of a model", async () => {
  await using setup = await metered([json("anthropic/message.json")]);
  await clients(setup).wrapped.messages.countTokens({ model: MESSAGE.model, messages: MESSAGE.messages });
  await setup.events(0);
});
