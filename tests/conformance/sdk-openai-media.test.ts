// What OpenAI's client does besides text: pictures, sound and batches.
import Anthropic from "@anthropic-ai/sdk";
import OpenAI, { toFile } from "openai";
import { describe, expect, test } from "vitest";
import type {} from "../../lib/sdk/openai.ts";
import { metered } from "../support/metered.ts";
import { type Answer, fixture, json, stream, streamStart } from "../support/vendor-server.ts";

type Setup = Awaited<ReturnType<typeof metered>>;
const clients = (setup: Setup) => {
  const plain = new OpenAI({ maxRetries: 0, apiKey: "sk-vendor", baseURL: `${setup.vendor.url}/v1` });
  return { plain, wrapped: setup.tokentra.wrap(plain, { provider: "openai" }) };
};
const bytes =
  (body: string | Buffer, type: string): Answer =>
  (response) =>
    void response.setHeader("content-type", type).end(body);
const lines =
  (name: string): Answer =>
  async (response) =>
    void response.setHeader("content-type", "application/octet-stream").end(await fixture(name));
const picture = () => toFile(Buffer.from("png"), "cat.png", { type: "image/png" });
const recording = () => toFile(Buffer.from("RIFF"), "speech.wav", { type: "audio/wav" });

describe("pictures", () => {
  test("that are made count as pictures and tokens, and without tokens as pictures", async () => {
    await using setup = await metered([json("openai/images.json"), json("openai/images.json"), json("openai/images-dalle.json")]);
    const { plain, wrapped } = clients(setup);
    const asked = { model: "gpt-image-1", prompt: "A cat", n: 2 };
    expect(await wrapped.images.generate({ ...asked, tokentra: { feature: "art" } })).toEqual(await plain.images.generate(asked));
    expect(setup.vendor.asked[0]!.body).toEqual(setup.vendor.asked[1]!.body);
    await wrapped.images.generate({ model: "dall-e-3", prompt: "An otter" });
    const [tokens, pictures] = await setup.events(2);
    expect(tokens).toMatchObject({
      endpoint: "images",
      provider: "openai",
      model: "gpt-image-1",
      feature: "art",
      input_tokens: 13,
      output_tokens: 2112,
      images: 2,
      normalizer: "openai-images@1",
    });
    expect(tokens).not.toHaveProperty("is_partial");
    expect(pictures).toMatchObject({ model: "dall-e-3", images: 1, status: "success" });
    for (const name of ["input_tokens", "output_tokens", "is_partial", "is_estimated"]) expect(pictures).not.toHaveProperty(name);
  });

  test("that are changed are uploaded without our words, and flagged for tokens no field can tell", async () => {
    await using setup = await metered([json("openai/images-edit.json")]);
    const { plain, wrapped } = clients(setup);
    const asked = { model: "gpt-image-1.5", prompt: "A hat", image: await picture() };
    const tokentra = { feature: "edit", userId: "u1", tags: { plan: "pro" } };
    expect(await wrapped.images.edit({ ...asked, tokentra })).toEqual(await plain.images.edit(asked));
    const parts = (text: string) => text.replaceAll(/-{2,}[-\w]*\d{6,}[-\w]*/g, "--");
    expect(parts(setup.vendor.asked[0]!.text)).toBe(parts(setup.vendor.asked[1]!.text));
    expect((await setup.events())[0]).toMatchObject({
      endpoint: "images",
      model: "gpt-image-1.5",
      feature: "edit",
      user_id: "u1",
      tags: { plan: "pro" },
      input_tokens: 355,
      output_tokens: 1056,
      images: 1,
      is_partial: true,
    });
  });

  test("in a stream are counted when they are complete, and unknown when the caller leaves before", async () => {
    const start = streamStart("openai/images-stream.sse", 1, "hang");
    await using setup = await metered([stream("openai/images-stream.sse"), start]);
    const { wrapped } = clients(setup);
    const asked = { model: "gpt-image-1", prompt: "A cat", stream: true as const, partial_images: 1 };
    const types: string[] = [];
    for await (const event of await wrapped.images.generate(asked)) types.push(event.type);
    expect(types).toEqual(["image_generation.partial_image", "image_generation.completed"]);
    for await (const _event of await wrapped.images.generate(asked)) break;
    const [whole, left] = await setup.events(2);
    expect(whole).toMatchObject({ input_tokens: 50, output_tokens: 4160, images: 1, status: "success" });
    expect(whole).not.toHaveProperty("is_partial");
    expect(left).toMatchObject({ error_code: "aborted", is_partial: true });
    for (const name of ["input_tokens", "output_tokens", "images", "is_estimated"]) expect(left).not.toHaveProperty(name);
  });
});

describe("sound", () => {
  test("that is written down counts as tokens or as seconds, as told", async () => {
    const names = ["transcription", "transcription-whisper", "transcription-verbose"];
    await using setup = await metered(names.map((name) => json(`openai/${name}.json`)));
    const { wrapped } = clients(setup);
    const file = await recording();
    const { text } = await wrapped.audio.transcriptions.create({ file, model: "gpt-4o-transcribe", tokentra: { feature: "notes" } });
    expect(text).toBe("Imagine the wildest idea that you've ever had.");
    expect(setup.vendor.asked[0]!.text).not.toContain("tokentra");
    expect(setup.vendor.asked[0]!.text).toContain("RIFF");
    await wrapped.audio.transcriptions.create({ file, model: "whisper-1" });
    await wrapped.audio.translations.create({ file, model: "whisper-1", response_format: "verbose_json" });
    const events = await setup.events(3);
    expect(events[0]).toMatchObject({
      endpoint: "audio",
      model: "gpt-4o-transcribe",
      feature: "notes",
      input_tokens: 154,
      input_audio_tokens: 144,
      output_tokens: 101,
    });
    expect(events[1]).toMatchObject({ model: "whisper-1", audio_seconds: "9" });
    expect(events[2]).toMatchObject({ model: "whisper-1", audio_seconds: "8.470000267" });
    for (const event of events) expect(event).not.toHaveProperty("is_partial");
  });

  test("in a stream, and of a kind whose answer tells nothing", async () => {
    const answers = [
      stream("openai/transcription-stream.sse"),
      bytes("I see skies of blue", "text/plain"),
      bytes("MP3 bytes", "audio/mpeg"),
    ];
    await using setup = await metered([...answers, stream("openai/speech-stream.sse")]);
    const { wrapped } = clients(setup);
    const file = await recording();
    const words: unknown[] = [];
    for await (const event of await wrapped.audio.transcriptions.create({ file, model: "gpt-4o-transcribe", stream: true }))
      words.push(event);
    expect(words).toHaveLength(3);
    await wrapped.audio.transcriptions.create({ file, model: "whisper-1", response_format: "text" });
    const speech = { model: "gpt-4o-mini-tts", input: "Hello", voice: "alloy", tokentra: { feature: "say" } } as const;
    expect(await (await wrapped.audio.speech.create(speech)).text()).toBe("MP3 bytes");
    await (await wrapped.audio.speech.create({ ...speech, stream_format: "sse" })).text();
    const [streamed, text, spoken, spokenStream] = await setup.events(4);
    expect(streamed).toMatchObject({ input_tokens: 14, input_audio_tokens: 14, output_tokens: 45, status: "success" });
    expect(streamed).not.toHaveProperty("is_partial");
    expect(spokenStream).toMatchObject({ feature: "say", input_tokens: 14, output_tokens: 101 });
    for (const untold of [text, spoken]) {
      expect(untold).toMatchObject({ endpoint: "audio", status: "success", is_partial: true });
      for (const name of ["input_tokens", "output_tokens", "audio_seconds", "is_estimated"]) expect(untold).not.toHaveProperty(name);
    }
  });

  test("that the vendor refuses is the client's own error", async () => {
    await using setup = await metered([json("openai/error-401.json", 401)]);
    await expect(clients(setup).wrapped.audio.transcriptions.create({ file: await recording(), model: "whisper-1" })).rejects.toThrow(
      /401/,
    );
    expect((await setup.events())[0]).toMatchObject({ status: "error", error_code: "invalid_api_key", model: "whisper-1" });
  });
});

describe("batches", () => {
  test("of OpenAI are counted once per line, when their results are read, for what they were submitted for", async () => {
    const answers = [json("openai/batch.json"), json("openai/batch.json"), lines("openai/batch-output.jsonl")];
    await using setup = await metered([...answers, lines("openai/batch-errors.jsonl"), lines("openai/batch-output.jsonl")]);
    const { wrapped } = clients(setup);
    const { id } = await wrapped.batches.create({
      input_file_id: "file-in",
      endpoint: "/v1/chat/completions",
      completion_window: "24h",
      tokentra: { feature: "nightly" },
    });
    expect(setup.vendor.asked[0]!.body).not.toHaveProperty("tokentra");
    const { output_file_id, error_file_id } = await setup.tokentra.with({ feature: "looks later" }, () => wrapped.batches.retrieve(id));
    expect(await (await wrapped.files.content(output_file_id!)).text()).toBe(await fixture("openai/batch-output.jsonl"));
    await (await wrapped.files.content(error_file_id!)).text();
    const events = await setup.events(5);
    const common = { service_tier: "batch", feature: "nightly", timestamp: new Date(1711471533 * 1000).toISOString(), provider: "openai" };
    expect(events).toMatchObject([
      {
        ...common,
        request_id: "batch_req_1",
        endpoint: "chat.completions",
        model: "gpt-4o-mini-2024-07-18",
        input_tokens: 24,
        cached_input_tokens: 8,
        output_tokens: 15,
        metadata: { custom_id: "request-1" },
      },
      { ...common, request_id: "batch_req_2", endpoint: "responses", input_tokens: 30, output_tokens: 12, reasoning_tokens: 4 },
      { ...common, request_id: "batch_req_3", endpoint: "embeddings", input_tokens: 7, output_tokens: 0 },
      { ...common, request_id: "batch_req_4", status: "error", error_code: "context_length_exceeded" },
      { ...common, request_id: "batch_req_5", status: "error", error_code: "batch_expired" },
    ]);
    expect(events.slice(3).some((event) => "input_tokens" in event)).toBe(false);
    // Reading them again says the same under the same ids: the door counts nothing twice.
    await (await wrapped.files.content(output_file_id!)).text();
    const again = await setup.events(8);
    expect(again.slice(5)).toEqual(events.slice(0, 3));
  });

  test("that another program submitted are known by their lines; other files pass unread", async () => {
    await using setup = await metered([lines("openai/batch-output.jsonl"), bytes('{"custom_id":1}\nnot json', "application/octet-stream")]);
    const { wrapped } = clients(setup);
    await (await wrapped.files.content("file-elsewhere")).text();
    expect(await (await wrapped.files.content("file-other")).text()).toBe('{"custom_id":1}\nnot json');
    expect((await setup.events(3)).map(({ request_id, timestamp }) => [request_id, timestamp])).toEqual([
      ["batch_req_1", new Date(1711475054 * 1000).toISOString()],
      ["batch_req_2", new Date(1711475054 * 1000).toISOString()],
      ["batch_req_3", expect.any(String)],
    ]);
  });

  test("of Anthropic are counted the same way", async () => {
    const batch: Answer = async (response, asked) => {
      const text = (await fixture("anthropic/batch.json")).replace(
        "RESULTS",
        `http://${asked.headers.host}/v1/messages/batches/msgbatch_01HkcTjaV5uDC8jWR4ZsDV8d/results`,
      );
      response.setHeader("content-type", "application/json").end(text);
    };
    await using setup = await metered([batch, batch, lines("anthropic/batch-results.jsonl")]);
    const plain = new Anthropic({ apiKey: "k", baseURL: setup.vendor.url, maxRetries: 0 });
    const wrapped = setup.tokentra.with({ feature: "nightly" }).wrap(plain, { provider: "anthropic" });
    const params = { model: "claude-opus-4-5", max_tokens: 9, messages: [{ role: "user" as const, content: "Hi" }] };
    const { id } = await wrapped.messages.batches.create({ requests: [{ custom_id: "first", params }] });
    const seen: string[] = [];
    for await (const line of await wrapped.messages.batches.results(id)) seen.push(line.custom_id);
    expect(seen).toEqual(["first", "second", "third"]);
    expect(await setup.events(3)).toMatchObject([
      {
        request_id: `${id}/first`,
        endpoint: "messages",
        model: "claude-opus-4-5-20251101",
        service_tier: "batch",
        feature: "nightly",
        timestamp: "2026-11-20T18:37:24.100435Z",
        input_tokens: 51,
        cached_input_tokens: 40,
        output_tokens: 36,
      },
      { request_id: `${id}/second`, status: "error", error_code: "invalid_request_error" },
      { request_id: `${id}/third`, status: "error", error_code: "expired" },
    ]);
  });
});
