import { ApiError, type Content, GoogleGenAI, type Part } from "@google/genai";
import { describe, expect, test } from "vitest";
import type { TokenTRA } from "../../lib/sdk/client.ts";
import { metered } from "../support/metered.ts";
import { type Answer, fixture, json, stream, streamStart } from "../support/vendor-server.ts";

const model = "gemini-2.5-flash";

function clients(setup: { vendor: { url: string }; tokentra: TokenTRA }, http: object = {}) {
  const plain = new GoogleGenAI({ apiKey: "vendor-key", httpOptions: { baseUrl: setup.vendor.url, ...http } });
  return { plain, wrapped: setup.tokentra.wrap(plain, { provider: "google" }) };
}

const usageOf = async (name: string) => (JSON.parse(await fixture(name)) as { usageMetadata: object }).usageMetadata;

describe("generateContent", () => {
  test("gives the caller what the client alone would; thoughts and tool results are counted in, cached and spoken parts told apart", async () => {
    await using setup = await metered([json("google/content.json")]);
    const { plain, wrapped } = clients(setup);
    expect(wrapped).toBeInstanceOf(GoogleGenAI);
    const asked = { model, contents: "Who won the Euro 2024?", config: { tools: [{ googleSearch: {} }] } };
    const tokentra = { feature: "facts", userId: "u1", tags: { plan: "pro" } };
    const answer = await wrapped.models.generateContent({
      ...asked,
      config: { ...asked.config, httpOptions: { extraBody: { tokentra } } },
    });
    expect(answer.text).toBe("Spain won Euro 2024, defeating England 2-1 in the final.");
    expect({ ...answer, sdkHttpResponse: undefined }).toEqual({
      ...(await plain.models.generateContent(asked)),
      sdkHttpResponse: undefined,
    });
    expect(setup.vendor.asked[0]).toMatchObject({ path: setup.vendor.asked[1]!.path, body: setup.vendor.asked[1]!.body });
    expect(setup.vendor.asked[0]!.body).toEqual(setup.vendor.asked[1]!.body);
    expect(setup.vendor.asked[0]!.headers["x-goog-api-key"]).toBe("vendor-key");
    const [event] = await setup.events();
    expect(event).toMatchObject({
      provider: "google",
      model: "gemini-2.5-flash",
      endpoint: "generate_content",
      service_tier: "priority",
      status: "success",
      input_tokens: 2310 + 91,
      cached_input_tokens: 2048,
      input_audio_tokens: 240,
      cached_input_audio_tokens: 200,
      output_tokens: 31 + 132,
      reasoning_tokens: 132,
      // Generation 2.5 charges a grounded prompt once, whatever it searched for.
      web_search_calls: 1,
      normalizer: "gemini@1",
      raw_usage: await usageOf("google/content.json"),
      feature: "facts",
      user_id: "u1",
      tags: { plan: "pro" },
    });
    expect(event).not.toHaveProperty("is_partial");
    expect(event).not.toHaveProperty("is_estimated");
  });

  test("with automatic function calling is one event per request to the model", async () => {
    await using setup = await metered([json("google/content-tools.json"), json("google/content-answer.json")]);
    const weather = {
      tool: async () => ({ functionDeclarations: [{ name: "get_weather", parametersJsonSchema: { type: "object" } }] }),
      callTool: async (): Promise<Part[]> => [{ functionResponse: { name: "get_weather", response: { degrees: 21 } } }],
    };
    const answer = await clients(setup).wrapped.models.generateContent({
      model: "gemini-3-pro-preview",
      contents: "Weather in Paris?",
      config: { tools: [weather] },
    });
    expect(answer.text).toBe("It is 21 degrees in Paris.");
    const events = await setup.events(2);
    expect(events).toMatchObject([
      { model: "gemini-3-pro-preview", input_tokens: 58, output_tokens: 63, reasoning_tokens: 48 },
      { model: "gemini-3-pro-preview", input_tokens: 94, output_tokens: 9 },
    ]);
    expect((setup.vendor.asked[1]!.body.contents as Content[]).length).toBe(3);
  });

  test("in a chat keeps its history and is metered", async () => {
    await using setup = await metered([json("google/content-answer.json")]);
    const chat = clients(setup).wrapped.chats.create({ model });
    await chat.sendMessage({ message: "Weather?" });
    await chat.sendMessage({ message: "And now?" });
    expect(chat.getHistory()).toHaveLength(4);
    expect((await setup.events(2))[1]).toMatchObject({ input_tokens: 94, output_tokens: 9 });
  });

  test("that makes a picture is flagged: its tokens have a price no field can tell", async () => {
    await using setup = await metered([json("google/content-picture.json")]);
    await clients(setup).wrapped.models.generateContent({ model: "gemini-2.5-flash-image", contents: "A cat" });
    expect((await setup.events())[0]).toMatchObject({ input_tokens: 12, output_tokens: 1290, is_partial: true });
  });

  test("that was blocked costs its prompt", async () => {
    await using setup = await metered([json("google/blocked.json")]);
    await clients(setup).wrapped.models.generateContent({ model, contents: "…" });
    const [event] = await setup.events();
    expect(event).toMatchObject({ status: "success", input_tokens: 17, output_tokens: 0 });
    expect(event).not.toHaveProperty("is_partial");
  });
});

describe("streams", () => {
  test("pass unchanged, and their last usage counts", async () => {
    await using setup = await metered([stream("google/content-stream.sse", 23)]);
    const { plain, wrapped } = clients(setup);
    const texts = async (client: GoogleGenAI) => {
      const all: (string | undefined)[] = [];
      for await (const chunk of await client.models.generateContentStream({ model, contents: "Hi" })) all.push(chunk.text);
      return all;
    };
    expect(await texts(wrapped)).toEqual(["Grüße ", "aus dem ", "Stream 🎈", "."]);
    await texts(plain);
    const [event] = await setup.events();
    expect(event).toMatchObject({ input_tokens: 7, output_tokens: 29, reasoning_tokens: 20, status: "success" });
    expect(event).not.toHaveProperty("is_partial");
    expect(event!.time_to_first_token_ms).toBeLessThanOrEqual(Number(event!.latency_ms));
  });

  test("that the caller leaves are reported with what was told, and flagged", async () => {
    await using setup = await metered([streamStart("google/content-stream.sse", 2, "hang")]);
    let seen = 0;
    for await (const _chunk of await clients(setup).wrapped.models.generateContentStream({ model, contents: "Hi" }))
      if (++seen === 2) break;
    expect((await setup.events())[0]).toMatchObject({ error_code: "aborted", is_partial: true, input_tokens: 7, output_tokens: 24 });
  });

  test("that the caller aborts are reported with what was told, and flagged", async () => {
    await using setup = await metered([streamStart("google/content-stream.sse", 2, "hang")]);
    const controller = new AbortController();
    const chunks = await clients(setup).wrapped.models.generateContentStream({
      model,
      contents: "Hi",
      config: { abortSignal: controller.signal },
    });
    await expect(async () => {
      let seen = 0;
      for await (const _chunk of chunks) if (++seen === 2) controller.abort();
    }).rejects.toThrow();
    expect((await setup.events())[0]).toMatchObject({
      status: "success",
      error_code: "aborted",
      is_partial: true,
      input_tokens: 7,
      output_tokens: 24,
    });
  });

  test("that fail in the middle are an error for the caller and in the report", async () => {
    await using setup = await metered([stream("google/content-stream-error.sse", 1_000)]);
    await expect(async () => {
      for await (const _chunk of await clients(setup).wrapped.models.generateContentStream({ model, contents: "Hi" }));
    }).rejects.toThrow(/overloaded/);
    expect((await setup.events())[0]).toMatchObject({ status: "error", error_code: "UNAVAILABLE", is_partial: true });
  });
});

describe("embeddings and pictures", () => {
  test("are counted where the vendor counts them, and flagged where it does not", async () => {
    await using setup = await metered([json("google/embed.json"), json("google/embed-unknown.json")]);
    const { wrapped } = clients(setup);
    await wrapped.models.embedContent({ model: "gemini-embedding-001", contents: "text" });
    await wrapped.models.embedContent({ model: "gemini-embedding-001", contents: "text" });
    const [told, untold] = await setup.events(2);
    expect(told).toMatchObject({ endpoint: "embeddings", model: "gemini-embedding-001", input_tokens: 6, output_tokens: 0 });
    expect(told).not.toHaveProperty("is_partial");
    expect(untold).toMatchObject({ endpoint: "embeddings", is_partial: true, status: "success" });
    expect(untold).not.toHaveProperty("input_tokens");
    expect(untold).not.toHaveProperty("is_estimated");
  });

  test("of Vertex tell place, tokens per text and pictures", async () => {
    await using setup = await metered([json("google/vertex-embed.json"), json("google/content.json"), json("google/imagen.json")]);
    const plain = new GoogleGenAI({
      vertexai: true,
      project: "acme",
      location: "europe-west4",
      googleAuthOptions: { authClient: { getRequestHeaders: async () => new Headers({ authorization: "Bearer t" }) } as never },
      httpOptions: { baseUrl: setup.vendor.url },
    });
    const wrapped = setup.tokentra.wrap(plain, { provider: "google-vertex" });
    await wrapped.models.embedContent({ model: "text-embedding-005", contents: ["one", "two"] });
    await wrapped.models.generateContent({ model, contents: "Hi" });
    await wrapped.models.generateImages({ model: "imagen-4.0-generate-001", prompt: "Two cats", config: { numberOfImages: 2 } });
    expect(setup.vendor.asked[0]).toMatchObject({ headers: { authorization: "Bearer t" } });
    const events = await setup.events(3);
    expect(events[2]).not.toHaveProperty("is_partial");
    expect(events).toMatchObject([
      { provider: "google-vertex", region: "europe-west4", model: "text-embedding-005", endpoint: "embeddings", input_tokens: 9 },
      { provider: "google-vertex", region: "europe-west4", model, input_tokens: 2401 },
      { endpoint: "images", model: "imagen-4.0-generate-001", images: 2 },
    ]);
  });
});

describe("failures", () => {
  test("are the client's own errors", async () => {
    await using setup = await metered([json("google/error-400.json", 400)]);
    const error = await clients(setup)
      .wrapped.models.generateContent({ model, contents: "Hi" })
      .catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(ApiError);
    const [event] = await setup.events();
    expect(event).toMatchObject({ status: "error", error_code: "INVALID_ARGUMENT", model });
    expect(event).not.toHaveProperty("input_tokens");
  });

  test("that the client repeats are attempts of one operation", async () => {
    await using setup = await metered([json("google/error-503.json", 503), json("google/content.json")]);
    const { wrapped } = clients(setup, { retryOptions: { attempts: 2, initialDelay: 0.01 } });
    await wrapped.models.generateContent({ model, contents: "Hi" });
    const events = await setup.events(2);
    expect(events.map(({ status, error_code }) => [status, error_code])).toEqual([
      ["error", "UNAVAILABLE"],
      ["success", undefined],
    ]);
    expect(new Set(events.map(({ operation_id }) => operation_id)).size).toBe(1);
  });

  test("by time-out and by the caller are told apart", async () => {
    const silent: Answer = () => {};
    await using setup = await metered([silent]);
    const { wrapped } = clients(setup);
    await expect(wrapped.models.generateContent({ model, contents: "Hi", config: { httpOptions: { timeout: 30 } } })).rejects.toThrow();
    const abortSignal = AbortSignal.timeout(30);
    await expect(wrapped.models.generateContent({ model, contents: "Hi", config: { abortSignal } })).rejects.toThrow();
    expect((await setup.events(2)).map(({ status, error_code }) => [status, error_code])).toEqual([
      ["timeout", "timeout"],
      ["error", "aborted"],
    ]);
  });
});

test("wrapping leaves the original as it was, wraps once, and keeps settings and a fetch of one's own", async () => {
  await using setup = await metered([json("google/content.json")]);
  const seen: string[] = [];
  const own: typeof fetch = (input, init) => {
    seen.push(String(input));
    return fetch(input, init);
  };
  const { plain, wrapped } = clients(setup, { headers: { "x-mine": "1" }, fetch: own });
  expect(setup.tokentra.wrap(wrapped)).toBe(wrapped);
  await plain.models.generateContent({ model, contents: "Hi" });
  await wrapped.models.generateContent({ model, contents: "Hi" });
  expect(seen).toHaveLength(2);
  expect(setup.vendor.asked[1]!.headers).toMatchObject({ "x-mine": "1" });
  await setup.events(1);
});
