// The whole way: the vendors' own clients, the SDK, the door, the database, and the ping that tells an open dashboard.
import Anthropic from "@anthropic-ai/sdk";
import { createClient } from "@supabase/supabase-js";
import OpenAI from "openai";
import { afterAll, beforeAll, expect, test } from "vitest";
import type {} from "../../lib/sdk/anthropic.ts";
import { TokenTRA } from "../../lib/sdk/client.ts";
import type {} from "../../lib/sdk/openai.ts";
import { type DoorProcess, startDoorProcess } from "../support/door-process.ts";
import { as, makeApiKey, makeOrganization } from "../support/people.ts";
import { type TestStack, testStack } from "../support/stack.ts";
import { json, startVendor, stream } from "../support/vendor-server.ts";

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
