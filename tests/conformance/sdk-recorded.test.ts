// The whole way: the vendors' own clients, the SDK, the door, the database, and the ping that tells an open dashboard.
import Anthropic from "@anthropic-ai/sdk";
import { BedrockRuntimeClient, ConverseStreamCommand } from "@aws-sdk/client-bedrock-runtime";
import { GoogleGenAI } from "@google/genai";
import { createClient } from "@supabase/supabase-js";
import OpenAI, { toFile } from "openai";
import { afterAll, beforeAll, expect, test } from "vitest";
import type {} from "../../lib/sdk/anthropic.ts";
import type {} from "../../lib/sdk/bedrock.ts";
import { TokenTRA } from "../../lib/sdk/client.ts";
import type {} from "../../lib/sdk/openai.ts";
import { frames, startBedrock } from "../support/bedrock-server.ts";
import { type DoorProcess, startDoorProcess } from "../support/door-process.ts";
import { as, makeApiKey, makeOrganization } from "../support/people.ts";
import { type TestStack, testStack } from "../support/stack.ts";
import { type Answer, fixture, json, startVendor, stream } from "../support/vendor-server.ts";

let stack: TestStack;
let doors: DoorProcess;
beforeAll(async () => {
  stack = await testStack();
  doors = await startDoorProcess(stack);
});
afterAll(() => doors?.stop());

test("calls of the official clients become records with exact costs, and an open dashboard hears of them", async () => {
  const organization = await makeOrganization(stack);
  const { owner } = organization;
  const { key } = await makeApiKey(stack, organization);
  const openaiVendor = await startVendor(json("openai/chat.json"), stream("openai/chat-stream-usage.sse"));
  const anthropicVendor = await startVendor(stream("anthropic/message-stream.sse"));
  const drops: unknown[] = [];
  const tokentra = new TokenTRA({ apiKey: key, baseUrl: doors.url, feature: "end to end", onDrop: (drop) => drops.push(drop) });

  const viewer = createClient(stack.supabaseUrl, stack.publishableKey, { auth: { persistSession: false, autoRefreshToken: false } });
  const { error } = await viewer.auth.signInWithPassword({ email: owner.email, password: owner.password });
  expect(error).toBeNull();
  await viewer.realtime.setAuth();
  const pings: number[] = [];
  const channel = viewer.channel(`organization:${organization.id}`, { config: { private: true } });
  channel.on("broadcast", { event: "usage" }, () => pings.push(performance.now()));
  expect(await new Promise((resolve) => channel.subscribe((status) => resolve(status)))).toBe("SUBSCRIBED");

  const openai = tokentra.wrap(new OpenAI({ apiKey: "k", baseURL: `${openaiVendor.url}/v1` }), { provider: "openai" });
  const anthropic = tokentra.wrap(new Anthropic({ apiKey: "k", baseURL: anthropicVendor.url }), { provider: "anthropic" });
  const messages = [{ role: "user" as const, content: "Hello" }];
  const began = performance.now();
  await openai.chat.completions.create({ model: "gpt-4.1", messages, tokentra: { requestId: "one", userId: "u1" } });
  for await (const _chunk of await openai.chat.completions.create({
    model: "gpt-4o",
    messages,
    stream: true,
    tokentra: { requestId: "two" },
  }));
  await anthropic.messages.stream({ model: "claude-opus-4-5", max_tokens: 9, messages, tokentra: { requestId: "three" } }).finalMessage();
  for (const deadline = Date.now() + 5_000; pings.length === 0 && Date.now() < deadline; )
    await new Promise((resolve) => setTimeout(resolve, 10));
  expect(pings[0]! - began).toBeLessThan(2_000);
  expect(await tokentra.shutdown()).toBe(true);
  expect(drops).toEqual([]);

  const request = async (id: string) => {
    const [row] = await as(
      stack,
      owner,
      (tx) => tx<{ record: Record<string, unknown> }[]>`select public.usage_request(${organization.id}, ${id}) as record`,
    );
    return row!.record;
  };
  // 86 fresh × $2.00 + 1,920 cached × $0.50 + 300 out × $8.00, per million
  expect(await request("one")).toMatchObject({
    cost: "0.003532",
    cost_status: "exact",
    feature: "end to end",
    end_user: "u1",
    status: "success",
  });
  // 93 fresh × $2.50 + 1,024 cached × $1.25 + 46 out × $10.00, per million
  expect(await request("two")).toMatchObject({ cost: "0.0019725", cost_status: "exact", model: "gpt-4o-2024-08-06" });
  // 472 fresh × $5.00 + 1,024 read × $0.50 + 89 out × $25.00, per million
  expect(await request("three")).toMatchObject({ cost: "0.005097", cost_status: "exact", model: "claude-opus-4-5-20251101" });
  expect(await as(stack, owner, (tx) => tx`select * from public.verify_usage(${organization.id})`)).toHaveLength(0);

  await viewer.removeAllChannels();
  await openaiVendor.close();
  await anthropicVendor.close();
});

test("calls of Gemini and Bedrock, a recording and a line of a batch become records with exact costs", async () => {
  const organization = await makeOrganization(stack);
  const { key } = await makeApiKey(stack, organization);
  const submitted = Math.floor(Date.now() / 1000) - 3_600;
  const batch: Answer = async (response) => {
    const described = JSON.parse(await fixture("openai/batch.json")) as object;
    response.setHeader("content-type", "application/json").end(JSON.stringify({ ...described, created_at: submitted }));
  };
  const results: Answer = async (response) => void response.end((await fixture("openai/batch-output.jsonl")).split("\n")[0]);
  const openaiVendor = await startVendor(json("openai/transcription-whisper.json"), json("openai/images.json"), batch, results, results);
  const googleVendor = await startVendor(stream("google/content-stream.sse"));
  const bedrockVendor = await startBedrock(frames("bedrock/converse-stream.jsonl"));
  const drops: unknown[] = [];
  const tokentra = new TokenTRA({ apiKey: key, baseUrl: doors.url, onDrop: (drop) => drops.push(drop) });

  const openai = tokentra.wrap(new OpenAI({ apiKey: "k", baseURL: `${openaiVendor.url}/v1` }), { provider: "openai" });
  const google = tokentra.wrap(new GoogleGenAI({ apiKey: "k", httpOptions: { baseUrl: googleVendor.url } }), { provider: "google" });
  const credentials = { accessKeyId: "a", secretAccessKey: "s" };
  const bedrock = tokentra.wrap(new BedrockRuntimeClient({ region: "us-east-1", endpoint: bedrockVendor.url, credentials }));

  const file = await toFile(Buffer.from("RIFF"), "speech.wav");
  await openai.audio.transcriptions.create({ file, model: "whisper-1", tokentra: { requestId: "spoken" } });
  await openai.images.generate({ model: "gpt-image-1", prompt: "Two cats", n: 2, tokentra: { requestId: "drawn" } });
  const { output_file_id } = await openai.batches.retrieve("batch_abc123");
  for (let n = 0; n < 2; n++) await (await openai.files.content(output_file_id!)).text();
  const extraBody = { tokentra: { requestId: "gemini" } };
  for await (const _chunk of await google.models.generateContentStream({
    model: "gemini-2.5-flash",
    contents: "Hi",
    config: { httpOptions: { extraBody } },
  }));
  const modelId = "us.anthropic.claude-sonnet-4-5-20250929-v1:0";
  const { stream: events } = await bedrock.send(new ConverseStreamCommand({ modelId, messages: [], tokentra: { requestId: "bedrock" } }));
  for await (const _event of events!);
  expect(await tokentra.shutdown()).toBe(true);
  expect(drops).toEqual([]);

  const request = async (id: string) => {
    const [row] = await as(
      stack,
      organization.owner,
      (tx) => tx<{ record: Record<string, unknown> }[]>`select public.usage_request(${organization.id}, ${id}) as record`,
    );
    return row!.record;
  };
  // 9 s at $0.36 an hour
  expect(await request("spoken")).toMatchObject({ cost: "0.0009", cost_status: "exact", endpoint: "audio" });
  // 13 in × $5.00 + 2,112 out × $40.00, per million
  expect(await request("drawn")).toMatchObject({ cost: "0.084545", endpoint: "images" });
  // (16 fresh × $0.15 + 8 cached × $0.075 + 15 out × $0.60, per million) × 0.5
  expect(await request("batch_req_1")).toMatchObject({ cost: "0.000006", cost_status: "exact", service_tier: "batch" });
  // 7 in × $0.30 + 29 out × $2.50, per million
  expect(await request("gemini")).toMatchObject({ cost: "0.0000746", cost_status: "exact", model: "gemini-2.5-flash" });
  // A regional profile: 52 fresh × $3.30 + 1,024 read × $0.33 + 57 out × $16.50, per million
  expect(await request("bedrock")).toMatchObject({ cost: "0.00145002", cost_status: "exact", model: modelId });
  expect(await as(stack, organization.owner, (tx) => tx`select * from public.verify_usage(${organization.id})`)).toHaveLength(0);
  for (const vendor of [openaiVendor, googleVendor, bedrockVendor]) await vendor.close();
});
