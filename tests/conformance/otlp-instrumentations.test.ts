/** Real instrumentations and real exporters against a local vendor with recorded replies: what they report becomes one record per call. */
import { createOpenAI } from "@ai-sdk/openai";
import { LegacyOpenTelemetry, OpenTelemetry } from "@ai-sdk/otel";
import Anthropic from "@anthropic-ai/sdk";
import { OpenAIInstrumentation as OpenInference } from "@arizeai/openinference-instrumentation-openai";
import { AnthropicInstrumentation as OpenLlmetryAnthropic } from "@traceloop/instrumentation-anthropic";
import { OpenAIInstrumentation as OpenLlmetry } from "@traceloop/instrumentation-openai";
import { embed, generateText, streamText, type Telemetry } from "ai";
import OpenAI from "openai";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type DoorProcess, startDoorProcess } from "../support/door-process.ts";
import { meteredOrganization } from "../support/otlp-records.ts";
import { type TestStack, testStack } from "../support/stack.ts";
import { startTracing } from "../support/tracing.ts";
import { type Answer, json, startVendor, stream } from "../support/vendor-server.ts";

let stack: TestStack;
let doors: DoorProcess;

beforeAll(async () => {
  stack = await testStack();
  doors = await startDoorProcess(stack);
});
afterAll(() => doors?.stop());

const vendors: Answer = (response, asked) => {
  if (asked.path.includes("/messages")) return json("anthropic/message.json")(response, asked);
  if (asked.path.includes("/embeddings")) return json("openai/embeddings.json")(response, asked);
  if (asked.path.includes("/responses")) return json("openai/responses.json")(response, asked);
  return (asked.body.stream === true ? stream("openai/chat-stream-usage.sse") : json("openai/chat.json"))(response, asked);
};

type Program = (vendorUrl: string, tracing: ReturnType<typeof startTracing>) => Promise<unknown>;

/** Runs a program under tracing, then once more with every span in a request of its own; answers what each run stored. */
async function recordsOf(program: Program) {
  const runs: Record<string, unknown>[][] = [];
  for (const isBatched of [true, false]) {
    const metered = await meteredOrganization(stack);
    const vendor = await startVendor(vendors);
    const tracing = startTracing(doors.url, metered.key.key, { isBatched, encoding: isBatched ? "http/protobuf" : "http/json" });
    try {
      await program(vendor.url, tracing);
    } finally {
      await tracing.stop();
      await vendor.close();
    }
    expect(await metered.differences()).toEqual([]);
    runs.push(await metered.records());
  }
  return runs as [Record<string, unknown>[], Record<string, unknown>[]];
}

/** What matters of a record, in the order of the calls. */
const essence = (records: Record<string, unknown>[]) =>
  records.map(({ provider, model, endpoint, status, input_tokens, cached_input_tokens, output_tokens, reasoning_tokens, source }) => ({
    provider,
    model,
    endpoint,
    status,
    tokens: [input_tokens, cached_input_tokens, output_tokens, reasoning_tokens],
    source,
  }));

const chat = { provider: "openai", model: "gpt-4.1-2025-04-14", status: "success", source: "otlp" };

describe("the Vercel AI SDK", () => {
  const calls =
    (telemetry: () => Telemetry): Program =>
    async (url) => {
      const openai = createOpenAI({ apiKey: "k", baseURL: `${url}/v1` });
      const settings = { functionId: "answer", integrations: [telemetry()] };
      await generateText({ model: openai.chat("gpt-4o"), prompt: "secret words", telemetry: settings });
      const streamed = streamText({ model: openai.chat("gpt-4o"), prompt: "secret words", telemetry: settings });
      for await (const _ of streamed.textStream);
      await embed({ model: openai.embedding("text-embedding-3-small"), value: "secret words", telemetry: settings });
    };

  it.each([
    ["current", () => new OpenTelemetry()],
    ["older", () => new LegacyOpenTelemetry()],
  ] as const)("with its %s telemetry: one record per call, none for the spans around it", async (which, telemetry) => {
    const [together, alone] = await recordsOf(calls(telemetry));
    expect(essence(together)).toMatchObject([
      { ...chat, tokens: [2006, 1920, 300, which === "older" ? 128 : 0] },
      { model: "gpt-4o-2024-08-06", tokens: [1117, 1024, 46, 0] },
      { model: "text-embedding-3-small", endpoint: "embeddings", tokens: [8, 0, 0, 0] },
    ]);
    expect(essence(alone)).toEqual(essence(together));
    expect(JSON.stringify(together)).not.toContain("secret words");
  });
});

describe("OpenLLMetry", () => {
  it("around openai: chat, responses and a stream without usage, which says so", async () => {
    const [together, alone] = await recordsOf(async (url, { provider }) => {
      const instrumentation = new OpenLlmetry();
      instrumentation.setTracerProvider(provider);
      instrumentation.manuallyInstrument(OpenAI);
      const openai = new OpenAI({ apiKey: "k", baseURL: `${url}/v1` });
      const messages = [{ role: "user" as const, content: "secret words" }];
      await openai.chat.completions.create({ model: "gpt-4o", messages });
      await openai.responses.create({ model: "gpt-4o", input: "secret words" });
      for await (const _ of await openai.chat.completions.create({ model: "gpt-4o", messages, stream: true }));
      instrumentation.disable();
    });
    expect(essence(together)).toMatchObject([
      { ...chat, tokens: [2006, 0, 300, 0] },
      { model: "gpt-5-mini-2025-08-07", tokens: [3052, 0, 1020, 0] },
      { model: "gpt-4o-2024-08-06", tokens: [0, 0, 0, 0] },
    ]);
    expect(together.map(({ cost_status }) => cost_status)).toEqual(["exact", "exact", "partial"]);
    expect(essence(alone)).toEqual(essence(together));
    expect(JSON.stringify(together)).not.toContain("secret words");
  });
});

describe("the Anthropic client, which reports spans of its own", () => {
  const ask = (url: string) =>
    new Anthropic({ apiKey: "k", baseURL: url }).messages.create({
      model: "claude-opus-4-5",
      max_tokens: 9,
      messages: [{ role: "user", content: "secret words" }],
    });
  const call = {
    provider: "anthropic",
    model: "claude-opus-4-5-20251101",
    service_tier: "standard",
    input_tokens: 2_095 + 1_500 + 18_000,
    cached_input_tokens: 18_000,
    cache_write_5m_tokens: 500,
    cache_write_1h_tokens: 1_000,
    output_tokens: 503,
    reasoning_tokens: 210,
  };

  it("by itself", async () => {
    const [together, alone] = await recordsOf(ask);
    expect(together).toMatchObject([call]);
    expect(alone).toMatchObject([call]);
    expect(JSON.stringify(together)).not.toContain("secret words");
  });

  it("inside OpenLLMetry's span for the same call: one record, of the inner span", async () => {
    const [together, alone] = await recordsOf(async (url, { provider }) => {
      const instrumentation = new OpenLlmetryAnthropic();
      instrumentation.setTracerProvider(provider);
      // The newest client has no completions any more, which this instrumentation still looks for.
      const Completions = class {
        create() {}
      };
      instrumentation.manuallyInstrument({ Anthropic: { Completions, Messages: Anthropic.Messages, Beta: Anthropic.Beta } } as never);
      await ask(url);
      instrumentation.disable();
    });
    expect(together).toMatchObject([call]);
    expect(alone).toMatchObject([call]);
  });
});

describe("OpenInference", () => {
  it("around openai: chat, responses and embeddings", async () => {
    const [together, alone] = await recordsOf(async (url, { provider }) => {
      const instrumentation = new OpenInference();
      instrumentation.setTracerProvider(provider);
      instrumentation.manuallyInstrument(OpenAI);
      const openai = new OpenAI({ apiKey: "k", baseURL: `${url}/v1` });
      await openai.chat.completions.create({ model: "gpt-4o", messages: [{ role: "user", content: "secret words" }] });
      await openai.responses.create({ model: "gpt-4o", input: "secret words" });
      await openai.embeddings.create({ model: "text-embedding-3-small", input: "secret words" });
      instrumentation.disable();
    });
    expect(essence(together)).toMatchObject([
      { ...chat, tokens: [2006, 1920, 300, 128] },
      { model: "gpt-5-mini-2025-08-07", tokens: [3052, 2048, 1020, 832] },
      { model: "text-embedding-3-small", endpoint: "embeddings" },
    ]);
    expect(essence(alone)).toEqual(essence(together));
    expect(JSON.stringify(together)).not.toContain("secret words");
  });
});

describe("an agent of one's own", () => {
  it("whose span repeats the tokens of the instrumented call inside it: only the call counts", async () => {
    const [together, alone] = await recordsOf(async (url, { provider, tracer }) => {
      const instrumentation = new OpenInference();
      instrumentation.setTracerProvider(provider);
      instrumentation.manuallyInstrument(OpenAI);
      const openai = new OpenAI({ apiKey: "k", baseURL: `${url}/v1` });
      const attributes = { "gen_ai.usage.input_tokens": 2006, "gen_ai.usage.output_tokens": 300, "gen_ai.request.model": "gpt-4o" };
      await tracer.startActiveSpan("agent", { attributes }, (agent) =>
        tracer.startActiveSpan("step", async (step) => {
          await openai.chat.completions.create({ model: "gpt-4o", messages: [{ role: "user", content: "secret words" }] });
          step.end();
          agent.end();
        }),
      );
      instrumentation.disable();
    });
    expect(essence(together)).toMatchObject([{ ...chat, tokens: [2006, 1920, 300, 128] }]);
    expect(essence(alone)).toEqual(essence(together));
  });
});
