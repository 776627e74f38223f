import {
  BedrockRuntime,
  BedrockRuntimeClient,
  type BedrockRuntimeClientConfig,
  ConverseCommand,
  type ConverseCommandInput,
  ConverseStreamCommand,
  CountTokensCommand,
  InvokeModelCommand,
  InvokeModelWithResponseStreamCommand,
  ThrottlingException,
  ValidationException,
} from "@aws-sdk/client-bedrock-runtime";
import { describe, expect, test } from "vitest";
import type {} from "../../lib/sdk/bedrock.ts";
import type { TokenTRA } from "../../lib/sdk/client.ts";
import { frames, startBedrock } from "../support/bedrock-server.ts";
import { metered as meteredBy } from "../support/metered.ts";
import { type Answer, fixture, json } from "../support/vendor-server.ts";

const metered = (answers: Answer[]) => meteredBy(answers, {}, startBedrock);
const CONVERSE: ConverseCommandInput = {
  modelId: "us.anthropic.claude-sonnet-4-5-20250929-v1:0",
  messages: [{ role: "user", content: [{ text: "Hello" }] }],
};

function clients(setup: { vendor: { url: string }; tokentra: TokenTRA }, options: BedrockRuntimeClientConfig = {}) {
  const plain = new BedrockRuntimeClient({
    region: "eu-central-1",
    endpoint: setup.vendor.url,
    credentials: { accessKeyId: "AKIA", secretAccessKey: "secret" },
    maxAttempts: 1,
    ...options,
  });
  return { plain, wrapped: setup.tokentra.wrap(plain) };
}

describe("Converse", () => {
  test("gives the caller what the client alone would; input counts cache reads and writes too", async () => {
    await using setup = await metered([json("bedrock/converse.json")]);
    const { plain, wrapped } = clients(setup);
    expect(wrapped).toBeInstanceOf(BedrockRuntimeClient);
    const answer = await wrapped.send(new ConverseCommand({ ...CONVERSE, tokentra: { feature: "chat", userId: "u1" } }));
    expect(answer).toEqual(await plain.send(new ConverseCommand(CONVERSE)));
    expect(setup.vendor.asked[0]!.body).toEqual(setup.vendor.asked[1]!.body);
    expect(setup.vendor.asked[0]!.text).not.toContain("tokentra");
    expect(setup.vendor.asked[0]!.headers.authorization).toMatch(/^AWS4-HMAC-SHA256 Credential=AKIA/);
    const [event] = await setup.events();
    expect(event).toMatchObject({
      provider: "aws",
      model: "us.anthropic.claude-sonnet-4-5-20250929-v1:0",
      endpoint: "converse",
      region: "eu-central-1",
      service_tier: "flex",
      status: "success",
      input_tokens: 125 + 2000 + 600,
      cached_input_tokens: 2000,
      cache_write_5m_tokens: 500,
      cache_write_1h_tokens: 100,
      output_tokens: 60,
      normalizer: "bedrock-converse@1",
      raw_usage: { inputTokens: 125, cacheDetails: [{ ttl: "1h", inputTokens: 100 }, { ttl: "5m" }] },
      feature: "chat",
      user_id: "u1",
    });
    expect(event).not.toHaveProperty("is_partial");
  });

  test("by the aggregated client and with a callback is metered too", async () => {
    await using setup = await metered([json("bedrock/converse.json")]);
    const { wrapped } = clients(setup);
    const aggregated = setup.tokentra.wrap(
      new BedrockRuntime({ region: "eu-central-1", endpoint: setup.vendor.url, credentials: { accessKeyId: "A", secretAccessKey: "s" } }),
    );
    expect((await aggregated.converse(CONVERSE)).stopReason).toBe("tool_use");
    const reason = await new Promise((resolve, reject) => {
      wrapped.send(new ConverseCommand(CONVERSE), (error, data) => (error ? reject(error) : resolve(data?.stopReason)));
    });
    expect(reason).toBe("tool_use");
    await setup.events(2);
  });

  test("names the model behind an address, and keeps the address of a profile of one's own", async () => {
    await using setup = await metered([json("bedrock/converse.json")]);
    const { wrapped } = clients(setup);
    const own = "arn:aws:bedrock:eu-central-1:123456789012:application-inference-profile/a1b2c3d4e5f6";
    for (const modelId of [
      "arn:aws:bedrock:us-east-1::foundation-model/amazon.nova-lite-v1:0",
      "arn:aws:bedrock:us-east-1:123456789012:inference-profile/us.amazon.nova-lite-v1:0",
      own,
    ]) {
      await wrapped.send(new ConverseCommand({ ...CONVERSE, modelId }));
    }
    expect((await setup.events(3)).map((event) => event.model)).toEqual(["amazon.nova-lite-v1:0", "us.amazon.nova-lite-v1:0", own]);
  });
});

describe("ConverseStream", () => {
  test("passes every event, and takes usage from the last", async () => {
    await using setup = await metered([frames("bedrock/converse-stream.jsonl")]);
    const { plain, wrapped } = clients(setup);
    const collect = async (client: BedrockRuntimeClient, extra: object = {}) => {
      const events: unknown[] = [];
      const { stream } = await client.send(new ConverseStreamCommand({ ...CONVERSE, ...extra }));
      for await (const event of stream!) events.push(event);
      return events;
    };
    const events = await collect(wrapped, { tokentra: { feature: "live" } });
    expect(events).toEqual(await collect(plain));
    expect(events).toHaveLength(9);
    const [event] = await setup.events();
    expect(event).toMatchObject({
      feature: "live",
      endpoint: "converse",
      status: "success",
      input_tokens: 1076,
      cached_input_tokens: 1024,
      cache_write_5m_tokens: 0,
      output_tokens: 57,
    });
    expect(event).not.toHaveProperty("is_partial");
    expect(event!.time_to_first_token_ms).toBeLessThanOrEqual(Number(event!.latency_ms));
  });

  test.each(["break", "abort"] as const)("that the caller ends by %s is reported with what was produced, and flagged", async (how) => {
    await using setup = await metered([frames("bedrock/converse-stream.jsonl", 3, "hang")]);
    const controller = new AbortController();
    const { stream } = await clients(setup).wrapped.send(new ConverseStreamCommand(CONVERSE), { abortSignal: controller.signal });
    let seen = 0;
    const reading = (async () => {
      for await (const _event of stream!) {
        if (++seen < 3) continue;
        if (how === "break") break;
        controller.abort();
      }
    })();
    await reading.catch(() => {});
    expect((await setup.events())[0]).toMatchObject({
      status: "success",
      error_code: "aborted",
      is_partial: true,
      is_estimated: true,
      // "Grüße aus dem Stream 🎈": 23 UTF-16 units; the prompt: "user" + "Hello".
      output_tokens: 6,
      input_tokens: 3,
    });
  });

  test("that breaks off or fails in the middle is an error for the caller and in the report", async () => {
    const failing = frames("bedrock/converse-stream.jsonl", 2, { exception: "modelStreamErrorException" });
    await using setup = await metered([frames("bedrock/converse-stream.jsonl", 2, "break"), failing]);
    const { wrapped } = clients(setup);
    for (let n = 0; n < 2; n++) {
      await expect(async () => {
        for await (const _event of (await wrapped.send(new ConverseStreamCommand(CONVERSE))).stream!);
      }).rejects.toThrow();
    }
    const events = await setup.events(2);
    expect(events[0]).toMatchObject({ status: "error", error_code: "stream_interrupted", is_partial: true });
    expect(events[1]).toMatchObject({ status: "error", error_code: "ModelStreamErrorException", is_partial: true });
  });
});

describe("InvokeModel", () => {
  const invoke = (modelId: string) =>
    new InvokeModelCommand({ modelId, body: JSON.stringify({ messages: [{ role: "user", content: "Hello" }], inputText: "Hello" }) });
  const counted = (name: string, headers: Record<string, string> = {}) => json(`bedrock/${name}.json`, 200, headers);

  test("reads each family's own counts", async () => {
    const cases: [string, string, object][] = [
      [
        "invoke-anthropic",
        "anthropic.claude-sonnet-4-5-20250929-v1:0",
        {
          input_tokens: 1810,
          cached_input_tokens: 1500,
          cache_write_5m_tokens: 100,
          cache_write_1h_tokens: 200,
          output_tokens: 12,
          normalizer: "bedrock-anthropic-messages@1",
        },
      ],
      ["invoke-nova", "amazon.nova-lite-v1:0", { input_tokens: 4, cached_input_tokens: 0, output_tokens: 9 }],
      ["invoke-llama", "meta.llama3-3-70b-instruct-v1:0", { input_tokens: 14, output_tokens: 5 }],
      ["invoke-titan", "amazon.titan-text-express-v1", { input_tokens: 6, output_tokens: 8 }],
      ["invoke-embed", "amazon.titan-embed-text-v2:0", { input_tokens: 5, output_tokens: 0 }],
      ["invoke-openai", "openai.gpt-oss-120b-1:0", { input_tokens: 70, output_tokens: 33, normalizer: "bedrock-openai-chat@1" }],
    ];
    await using setup = await metered(cases.map(([name]) => counted(name)));
    const { wrapped } = clients(setup);
    for (const [name, modelId] of cases) {
      const { body } = await wrapped.send(invoke(modelId));
      expect(JSON.parse(body.transformToString())).toEqual(JSON.parse(await fixture(`bedrock/${name}.json`)));
    }
    const events = await setup.events(cases.length);
    for (const [place, [, model, expected]] of cases.entries()) {
      expect(events[place]).toMatchObject({ model, endpoint: "invoke_model", status: "success", ...expected });
      expect(events[place]).not.toHaveProperty("is_partial");
      expect(events[place]).not.toHaveProperty("is_estimated");
    }
  });

  test("falls back to Bedrock's headers, and invents nothing where nobody counts", async () => {
    const headers = {
      "x-amzn-bedrock-input-token-count": "9",
      "x-amzn-bedrock-output-token-count": "6",
      "x-amzn-bedrock-service-tier": "flex",
    };
    const fast = { "x-amzn-bedrock-performanceconfig-latency": "optimized" };
    await using setup = await metered([counted("invoke-mistral", headers), counted("invoke-picture"), counted("invoke-nova", fast)]);
    const { wrapped } = clients(setup);
    await wrapped.send(invoke("mistral.mistral-large-2402-v1:0"));
    await wrapped.send(invoke("amazon.nova-canvas-v1:0"));
    await wrapped.send(invoke("amazon.nova-pro-v1:0"));
    const [mistral, picture, optimized] = await setup.events(3);
    expect(optimized).toMatchObject({ service_tier: "optimized", input_tokens: 4 });
    expect(mistral).toMatchObject({
      input_tokens: 9,
      output_tokens: 6,
      service_tier: "flex",
      raw_usage: { "x-amzn-bedrock-input-token-count": "9", "x-amzn-bedrock-output-token-count": "6" },
    });
    expect(picture).toMatchObject({ model: "amazon.nova-canvas-v1:0", is_partial: true });
    expect(picture).not.toHaveProperty("input_tokens");
  });

  test("as a stream passes its chunks and reads the family's events or Bedrock's closing metrics", async () => {
    await using setup = await metered([
      frames("bedrock/invoke-anthropic-stream.jsonl"),
      frames("bedrock/invoke-llama-stream.jsonl"),
      frames("bedrock/invoke-mistral-stream.jsonl"),
      frames("bedrock/invoke-anthropic-stream.jsonl", 3, "hang"),
    ]);
    const { wrapped } = clients(setup);
    const read = async (most = Number.POSITIVE_INFINITY) => {
      const { body } = await wrapped.send(new InvokeModelWithResponseStreamCommand({ modelId: "m", body: '{"prompt":"Hello"}' }));
      const parts: unknown[] = [];
      for await (const { chunk } of body!) {
        parts.push(JSON.parse(new TextDecoder().decode(chunk!.bytes)));
        if (parts.length === most) break;
      }
      return parts;
    };
    expect(await read()).toHaveLength(6);
    await read();
    await read();
    await read(3);
    const [anthropic, llama, mistral, left] = await setup.events(4);
    expect(anthropic).toMatchObject({ input_tokens: 911, cached_input_tokens: 900, output_tokens: 21, status: "success" });
    expect(llama).toMatchObject({ input_tokens: 14, output_tokens: 5 });
    expect(mistral).toMatchObject({ input_tokens: 9, output_tokens: 6 });
    for (const event of [anthropic, llama, mistral]) expect(event).not.toHaveProperty("is_partial");
    expect(left).toMatchObject({ error_code: "aborted", is_partial: true, is_estimated: true, input_tokens: 911, output_tokens: 6 });
  });
});

describe("failures", () => {
  const throttled = json("bedrock/error-throttling.json", 429, { "x-amzn-errortype": "ThrottlingException" });

  test("are the client's own errors", async () => {
    await using setup = await metered([json("bedrock/error-throttling.json", 400, { "x-amzn-errortype": "ValidationException" })]);
    const error = await clients(setup)
      .wrapped.send(new ConverseCommand(CONVERSE))
      .catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(ValidationException);
    const [event] = await setup.events();
    expect(event).toMatchObject({ status: "error", error_code: "ValidationException" });
    expect(event).not.toHaveProperty("input_tokens");
  });

  test("that the client repeats are attempts of one operation", async () => {
    await using setup = await metered([throttled, json("bedrock/converse.json")]);
    await clients(setup, { maxAttempts: 3 }).wrapped.send(new ConverseCommand(CONVERSE));
    const events = await setup.events(2);
    expect(events.map(({ status }) => status)).toEqual(["error", "success"]);
    expect(new Set(events.map(({ operation_id }) => operation_id)).size).toBe(1);
  });

  test("after the last repetition, by the caller's signal and by a dead address are told apart", async () => {
    await using setup = await metered([throttled, () => {}]);
    const { wrapped } = clients(setup);
    await expect(wrapped.send(new ConverseCommand(CONVERSE))).rejects.toBeInstanceOf(ThrottlingException);
    await expect(wrapped.send(new ConverseCommand(CONVERSE), { abortSignal: AbortSignal.timeout(50) })).rejects.toThrow();
    const dead = clients({ ...setup, vendor: { url: "http://127.0.0.1:1" } }).wrapped;
    await expect(dead.send(new ConverseCommand(CONVERSE))).rejects.toThrow();
    expect((await setup.events(3)).map(({ error_code }) => error_code)).toEqual(["ThrottlingException", "aborted", "connection_error"]);
  });
});

test("wrapping leaves other commands and the original alone, and wraps once", async () => {
  await using setup = await metered([json("bedrock/converse.json")]);
  const { plain, wrapped } = clients(setup);
  expect(setup.tokentra.wrap(wrapped)).toBe(wrapped);
  await plain.send(new ConverseCommand(CONVERSE));
  await wrapped.send(new CountTokensCommand({ modelId: "m", input: { converse: { messages: CONVERSE.messages } } }));
  await wrapped.send(new ConverseCommand(CONVERSE));
  await setup.events(1);
});
