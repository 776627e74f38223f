/** What a span says, in every spelling: which spans are calls, and what their usage events hold. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { AppError } from "../../lib/core/errors.ts";
import { parseSpans } from "../../lib/otlp/parse-spans.ts";
import { readJsonSpans } from "../../lib/otlp/read-json.ts";
import { readProtobufSpans } from "../../lib/otlp/read-protobuf.ts";
import { chatCall, type SentSpan, tracesRequest } from "../support/otlp.ts";

const now = Date.parse("2026-06-15T12:00:00Z");
const startMs = now - 60_000;

type Values = Record<string, string | number | boolean>;

const parse = (spans: SentSpan[], resource?: Values) => parseSpans(readJsonSpans(tracesRequest(spans, resource)), now);
/** The event of a single span with these attributes, or what was wrong with it. */
function eventOf(attributes: Values, span: SentSpan = {}, resource: Values = {}) {
  const { events, refusals } = parse([{ startMs, attributes, ...span }], resource);
  return events[0] ?? { refusals };
}
const isCall = (attributes: Values): boolean => parse([{ startMs, attributes }]).spans[0]?.call !== null;
const counts = (attributes: Values, span?: SentSpan) => {
  const event = eventOf(attributes, span);
  if ("refusals" in event) return event;
  return [event.input_tokens, event.cached_input_tokens, event.cache_write_5m_tokens, event.output_tokens, event.reasoning_tokens];
};
const model = { "gen_ai.request.model": "gpt-4o" };

describe("the same figures in every spelling", () => {
  const spellings: [string, Values][] = [
    [
      "GenAI conventions",
      {
        "gen_ai.usage.input_tokens": 1_000,
        "gen_ai.usage.output_tokens": 200,
        "gen_ai.usage.cache_read.input_tokens": 600,
        "gen_ai.usage.cache_write.input_tokens": 100,
        "gen_ai.usage.reasoning.output_tokens": 50,
      },
    ],
    [
      "GenAI conventions before cache_write",
      {
        "gen_ai.usage.input_tokens": 1_000,
        "gen_ai.usage.output_tokens": 200,
        "gen_ai.usage.cache_read.input_tokens": 600,
        "gen_ai.usage.cache_creation.input_tokens": 100,
        "gen_ai.usage.reasoning.output_tokens": 50,
      },
    ],
    [
      "OpenLLMetry and the first GenAI conventions",
      {
        "gen_ai.usage.prompt_tokens": 1_000,
        "gen_ai.usage.completion_tokens": 200,
        "gen_ai.usage.cache_read_input_tokens": 600,
        "gen_ai.usage.cache_creation_input_tokens": 100,
        "gen_ai.usage.reasoning_tokens": 50,
        "llm.usage.total_tokens": 1_200,
      },
    ],
    [
      "the oldest OpenLLMetry",
      {
        "llm.usage.prompt_tokens": 1_000,
        "llm.usage.completion_tokens": 200,
        "llm.usage.cache_read_input_tokens": 600,
        "llm.usage.cache_creation_input_tokens": 100,
        "llm.usage.reasoning_tokens": 50,
      },
    ],
    [
      "OpenInference",
      {
        "llm.token_count.prompt": 1_000,
        "llm.token_count.completion": 200,
        "llm.token_count.total": 1_200,
        "llm.token_count.prompt_details.cache_read": 600,
        "llm.token_count.prompt_details.cache_write": 100,
        "llm.token_count.completion_details.reasoning": 50,
      },
    ],
    [
      "the Vercel AI SDK",
      {
        "ai.usage.inputTokens": 1_000,
        "ai.usage.outputTokens": 200,
        "ai.usage.inputTokenDetails.cacheReadTokens": 600,
        "ai.usage.inputTokenDetails.cacheWriteTokens": 100,
        "ai.usage.outputTokenDetails.reasoningTokens": 50,
      },
    ],
    [
      "Pydantic AI",
      {
        "gen_ai.usage.input_tokens": 1_000,
        "gen_ai.usage.output_tokens": 200,
        "gen_ai.usage.details.cache_read_tokens": 600,
        "gen_ai.usage.details.cache_write_tokens": 100,
        "gen_ai.usage.details.reasoning_tokens": 50,
      },
    ],
    [
      "numbers sent as text",
      {
        "gen_ai.usage.input_tokens": "1000",
        "gen_ai.usage.output_tokens": "200",
        "gen_ai.usage.cache_read.input_tokens": "600",
        "gen_ai.usage.cache_write.input_tokens": "100",
        "gen_ai.usage.reasoning.output_tokens": "50",
      },
    ],
  ];
  it.each(spellings)("%s", (_name, usage) => {
    expect(counts({ ...model, ...usage })).toEqual([1_000, 600, 100, 200, 50]);
  });

  it("the older Vercel spelling, and embeddings", () => {
    expect(counts({ ...model, "ai.usage.promptTokens": 7, "ai.usage.completionTokens": 3 })).toEqual([7, null, null, 3, null]);
    expect(counts({ "ai.operationId": "ai.embed.doEmbed", "ai.model.id": "m", "ai.usage.tokens": 8 })).toEqual([8, null, null, null, null]);
  });

  it("audio, and how long a cache was written for", () => {
    expect(
      eventOf({
        ...chatCall({ "gen_ai.provider.name": "anthropic" }),
        "gen_ai.usage.audio.input_tokens": 30,
        "gen_ai.usage.audio.output_tokens": 20,
        "gen_ai.usage.cache_write.input_tokens": 500,
        "anthropic.usage.cache_creation.ephemeral_1h_input_tokens": 200,
      }),
    ).toMatchObject({ input_audio_tokens: 30, output_audio_tokens: 20, cache_write_5m_tokens: 300, cache_write_1h_tokens: 200 });
  });

  it("keeps the counts as they came, and nothing else", () => {
    const event = eventOf(chatCall({ "gen_ai.prompt": "secret", "gen_ai.usage.note": "secret", "llm.prompts.0.content": "secret" }));
    expect(event).toMatchObject({ raw_usage: '{"gen_ai.usage.input_tokens":1000,"gen_ai.usage.output_tokens":100}', normalizer: "otlp@1" });
    expect(JSON.stringify(event)).not.toContain("secret");
  });
});

describe("input that leaves cached tokens out", () => {
  const usage = { "gen_ai.usage.input_tokens": 10, "gen_ai.usage.output_tokens": 5, "gen_ai.usage.cache_read.input_tokens": 90 };
  const anthropic = { "gen_ai.operation.name": "chat", "gen_ai.provider.name": "anthropic", "gen_ai.request.model": "claude-opus-4-5" };

  it.each([
    [
      "an instrumentation known for it",
      { ...anthropic, ...usage, "gen_ai.usage.cache_read.input_tokens": 4 },
      "@traceloop/instrumentation-anthropic",
      14,
    ],
    ["parts of an Anthropic call that exceed the whole", { ...anthropic, ...usage }, "any", 100],
    ["a total that adds up in no other way", { ...model, ...usage, "gen_ai.usage.total_tokens": 105 }, "any", 100],
    [
      "an AI SDK before version 6",
      {
        "ai.operationId": "ai.generateText.doGenerate",
        "ai.model.provider": "anthropic.messages",
        "ai.model.id": "claude-opus-4-5",
        "ai.usage.inputTokens": 50,
        "ai.usage.cachedInputTokens": 40,
      },
      "ai",
      90,
    ],
  ] as const)("is completed on evidence: %s", (_evidence, attributes, scope, input) => {
    expect(eventOf({ ...attributes }, { scope })).toMatchObject({ input_tokens: input });
  });

  it.each([
    ["the conventions hold", { ...anthropic, ...usage, "gen_ai.usage.input_tokens": 100 }, 100],
    ["another vendor contradicts itself: it is handed on as sent, for the database to mark", { ...model, ...usage }, 10],
  ] as const)("is left alone where %s", (_why, attributes, input) => {
    expect(eventOf({ ...attributes })).toMatchObject({ input_tokens: input });
  });
});

describe("which spans are calls", () => {
  it.each([
    ["a chat", { "gen_ai.operation.name": "chat", ...model }],
    ["Gemini's content", { "gen_ai.operation.name": "generate_content", ...model }],
    ["embeddings", { "gen_ai.operation.name": "embeddings", ...model }],
    ["old OpenLLMetry", { "llm.request.type": "completion", ...model }],
    ["OpenInference's LLM", { "openinference.span.kind": "LLM", "llm.model_name": "gpt-4o" }],
    ["OpenInference's EMBEDDING", { "openinference.span.kind": "EMBEDDING", "embedding.model_name": "m" }],
    ["the AI SDK's call", { "ai.operationId": "ai.streamText.doStream", "ai.model.id": "gpt-4o" }],
    ["whatever reports tokens", { "gen_ai.usage.input_tokens": 5, ...model }],
  ])("%s is", (_what, attributes) => {
    expect(isCall(attributes)).toBe(true);
  });

  it("a span that says it is billable is one that stands outside every nest", () => {
    const attributes = { "gen_ai.operation.name": "invoke_agent", "tokentra.billable": true, ...model };
    const { events, spans } = parse([{ startMs, attributes }]);
    expect(events).toHaveLength(1);
    expect(spans[0]?.call).toBeNull();
  });

  const usage = { "gen_ai.usage.input_tokens": 5, ...model };
  it.each([
    ["an agent", { "gen_ai.operation.name": "invoke_agent", ...usage }],
    ["a tool", { "gen_ai.operation.name": "execute_tool", ...usage }],
    ["a workflow", { "gen_ai.operation.name": "invoke_workflow", ...usage }],
    ["OpenInference's CHAIN", { "openinference.span.kind": "CHAIN", ...usage }],
    ["OpenInference's AGENT", { "openinference.span.kind": "AGENT", ...usage }],
    ["OpenLLMetry's workflow", { "traceloop.span.kind": "workflow", ...usage }],
    ["the AI SDK's operation", { "ai.operationId": "ai.generateText", "ai.usage.inputTokens": 5, "ai.model.id": "gpt-4o" }],
    ["a call that says it is not billable", { ...chatCall(), "tokentra.billable": false }],
    ["a span that counts nothing", { "gen_ai.usage.input_tokens": 0, "gen_ai.usage.output_tokens": 0, ...model }],
    ["anything else", { "http.request.method": "POST" }],
  ])("%s is not", (_what, attributes) => {
    expect(isCall(attributes)).toBe(false);
  });
});

describe("an event", () => {
  it("carries trace, span, time, waiting and the model as served", () => {
    const event = eventOf(
      chatCall({
        "gen_ai.response.model": "gpt-4o-2024-08-06",
        "gen_ai.response.time_to_first_chunk": 0.1234,
        "gen_ai.response.id": "chatcmpl-1",
      }),
      { traceId: "0af7651916cd43dd8448eb211c80319c", spanId: "b7ad6b7169203331", parentSpanId: "00f067aa0ba902b7", tookMs: 1_500 },
    );
    expect(event).toMatchObject({
      request_id: "0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331",
      trace_id: "0af7651916cd43dd8448eb211c80319c",
      operation_id: "00f067aa0ba902b7",
      timestamp: "2026-06-15T11:59:00.000000Z",
      model: "gpt-4o-2024-08-06",
      latency_ms: 1_500,
      time_to_first_token_ms: 123,
      status: "success",
    });
  });

  it("takes attribution from the resource and the usual attributes", () => {
    const resource = { "service.name": "shop", "deployment.environment.name": "staging" };
    expect(eventOf(chatCall({ "enduser.id": "u-1", "gen_ai.conversation.id": "c-1" }), {}, resource)).toMatchObject({
      feature: "shop",
      environment: "staging",
      user_id: "u-1",
      session_id: "c-1",
    });
    expect(eventOf(chatCall(), {}, { "service.name": "unknown_service:node", "deployment.environment": "old" })).toMatchObject({
      feature: null,
      environment: "old",
    });
    expect(eventOf(chatCall({ "ai.telemetry.functionId": "answer" }), {}, resource)).toMatchObject({ feature: "answer" });
  });

  it("lets tokentra.… win, on the span before the resource", () => {
    const resource = {
      "service.name": "shop",
      "tokentra.feature": "checkout",
      "tokentra.team": "payments",
      "tokentra.environment": "prod",
    };
    const own = { "tokentra.feature": "search", "tokentra.user_id": 42, "tokentra.project": "web", "tokentra.service_tier": "batch" };
    expect(eventOf(chatCall(own), {}, resource)).toMatchObject({
      feature: "search",
      environment: "prod",
      user_id: "42",
      team_id: "payments",
      project_id: "web",
      service_tier: "batch",
    });
  });

  it.each([
    ["azure.ai.openai", "azure"],
    ["gcp.gemini", "google"],
    ["openai.chat", "openai"],
    ["Anthropic.messages", "anthropic"],
    ["aws.bedrock", "aws.bedrock"],
    ["x_ai", "x-ai"],
    ["my-own-vendor", "my-own-vendor"],
  ])("names the provider %s as %s", (sent, provider) => {
    expect(eventOf(chatCall({ "gen_ai.provider.name": sent }))).toMatchObject({ provider });
    const { "gen_ai.provider.name": _, ...rest } = chatCall();
    expect(eventOf({ ...rest, "gen_ai.system": sent })).toMatchObject({ provider });
  });

  it("reads LangChain's metadata for the vendor that OpenInference leaves out, and for nothing else", () => {
    const metadata = '{"ls_provider":"openai","ls_model_name":"gpt-4o","note":"secret"}';
    const event = eventOf({ "openinference.span.kind": "LLM", "llm.model_name": "gpt-4o", "llm.token_count.prompt": 5, metadata });
    expect(event).toMatchObject({ provider: "openai", model: "gpt-4o", input_tokens: 5 });
    expect(JSON.stringify(event)).not.toContain("secret");
    expect(eventOf({ "openinference.span.kind": "LLM", "llm.model_name": "gpt-4o" })).toMatchObject({ provider: "unknown" });
  });

  it("of a failure says what failed", () => {
    expect(eventOf(chatCall({ "error.type": "RateLimitError" }), { isError: true })).toMatchObject({
      status: "error",
      error_code: "RateLimitError",
    });
    expect(eventOf(chatCall({ "error.type": "APIConnectionTimeoutError" }), { isError: true })).toMatchObject({ status: "timeout" });
    expect(eventOf(chatCall(), { isError: true })).toMatchObject({ status: "error", error_code: "error" });
  });

  it("says the served tier, not the wish for one", () => {
    expect(eventOf(chatCall({ "openai.request.service_tier": "priority", "openai.response.service_tier": "default" }))).toMatchObject({
      service_tier: "standard",
    });
    expect(eventOf(chatCall({ "openai.request.service_tier": "auto" }))).toMatchObject({ service_tier: null });
    expect(eventOf(chatCall({ "gen_ai.openai.response.service_tier": "flex" }))).toMatchObject({ service_tier: "flex" });
  });

  it("loses no call over attribution that is too long or no text", () => {
    const event = eventOf(chatCall({ "enduser.id": `${"u".repeat(300)}`, "tokentra.feature": "a\u0000b" }));
    expect(event).toMatchObject({ user_id: "u".repeat(200), feature: "a\uFFFDb" });
    expect(eventOf(chatCall({ "enduser.id": `${"u".repeat(199)}🎈` }))).toMatchObject({ user_id: `${"u".repeat(199)}\uFFFD` });
  });

  it.each([
    ["no model", { "gen_ai.operation.name": "chat" }, "model is required"],
    ["a negative count", chatCall({ "gen_ai.usage.output_tokens": -1 }), "output_tokens must be a whole number"],
    ["half a token", chatCall({ "gen_ai.usage.input_tokens": 1.5 }), "input_tokens must be a whole number"],
    [
      "a count beyond all numbers",
      chatCall({ "gen_ai.usage.input_tokens": "99999999999999999999" }),
      "input_tokens must be a whole number",
    ],
  ])("is refused for %s", (_what, attributes, reason) => {
    expect(eventOf(attributes as Values)).toEqual({ refusals: [expect.stringContaining(reason)] });
  });
});

describe("bytes from anywhere", () => {
  it("are read or refused as invalid, never anything else", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 400 }), (bytes) => {
        try {
          readProtobufSpans(bytes);
        } catch (error) {
          expect(error).toBeInstanceOf(AppError);
          expect((error as AppError).status).toBe(400);
        }
      }),
      { numRuns: 2_000 },
    );
  });

  it("as JSON of any shape too", () => {
    fc.assert(
      fc.property(fc.json(), fc.constantFrom("resourceSpans", "scopeSpans", "spans", "attributes"), (json, place) => {
        const inner: unknown = JSON.parse(json);
        const spans =
          place === "spans" ? inner : [{ traceId: "1".repeat(32), spanId: "2".repeat(16), startTimeUnixNano: "1", attributes: inner }];
        const scopeSpans = place === "scopeSpans" ? inner : [{ spans }];
        try {
          parseSpans(readJsonSpans(place === "resourceSpans" ? { resourceSpans: inner } : { resourceSpans: [{ scopeSpans }] }), now);
        } catch (error) {
          expect(error).toBeInstanceOf(AppError);
        }
      }),
      { numRuns: 1_000 },
    );
  });
});
