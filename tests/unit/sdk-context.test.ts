import { AsyncLocalStorage } from "node:async_hooks";
import { expect, test } from "vitest";
import { type CallMetadata, TokenTRA, type TokenTRAOptions } from "../../lib/sdk/client.ts";
import { accept, refuse, startTrackServer } from "../support/track-server.ts";

/** The SDK with an ingest door, and a client whose vendor answers at once. */
async function setup(options: Partial<TokenTRAOptions> = {}) {
  const door = await startTrackServer();
  const tokentra = new TokenTRA({ apiKey: "k", baseUrl: door.url, ...options });
  const client = {
    fetch: async () => Response.json({ model: "m", usage: { prompt_tokens: 7, completion_tokens: 2 } }),
    withOptions: ({ fetch }: { fetch?: (input: string, init: RequestInit) => Promise<Response> }) => ({ ...client, call: fetch! }),
    call: (_input: string, _init: RequestInit): Promise<Response> => Promise.reject(new Error("not wrapped")),
  };
  const ask = async (wrapped: typeof client, body: object = {}) =>
    (await wrapped.call("https://api.openai.com/v1/embeddings", { method: "POST", body: JSON.stringify({ model: "m", ...body }) })).json();
  return {
    door,
    tokentra,
    client,
    ask,
    async [Symbol.asyncDispose]() {
      await tokentra.shutdown();
      await door.close();
    },
  };
}
const labels = (events: Record<string, unknown>[]) => events.map(({ feature, user_id, tags }) => [feature, user_id, tags]);

test("what is given around a function holds for everything in it, through awaits, and for nothing beside it", async () => {
  await using s = await setup({ feature: "base", tags: { a: "1" } });
  const wrapped = s.tokentra.wrap(s.client, { userId: "wrapped" });
  const slow = s.tokentra.with({ feature: "slow", tags: { b: "2" } }, async () => {
    await new Promise((resolve) => setTimeout(resolve, 20));
    await s.ask(wrapped);
    await s.tokentra.with({ userId: "inner" }, () => s.ask(wrapped, { tokentra: { tags: { c: "3" } } }));
    s.tokentra.track({ provider: "p", model: "m" });
    return "result";
  });
  await s.tokentra.with({ feature: "quick" }, () => s.ask(wrapped));
  await s.ask(wrapped);
  expect(await slow).toBe("result");
  await s.tokentra.flush();
  expect(labels(s.door.events)).toEqual([
    ["quick", "wrapped", { a: "1" }],
    ["base", "wrapped", { a: "1" }],
    ["slow", "wrapped", { a: "1", b: "2" }],
    ["slow", "inner", { a: "1", b: "2", c: "3" }],
    ["slow", undefined, { a: "1", b: "2" }],
  ]);
});

test("errors and values pass through, and instances of another origin do not hear of it", async () => {
  await using s = await setup();
  await using other = await setup();
  expect(s.tokentra.with({ feature: "f" }, () => 42)).toBe(42);
  expect(() =>
    s.tokentra.with({ feature: "f" }, () => {
      throw new RangeError("mine");
    }),
  ).toThrow(RangeError);
  s.tokentra.with({ feature: "f" }, (derived) => {
    derived.track({ provider: "p", model: "m" });
    other.tokentra.track({ provider: "p", model: "m" });
  });
  await Promise.all([s.tokentra.flush(), other.tokentra.flush()]);
  expect([labels(s.door.events), labels(other.door.events)]).toEqual([[["f", undefined, undefined]], [[undefined, undefined, undefined]]]);
});

test("a storage can be handed in, and where there is none the derived instance is", async () => {
  const contextStorage = new AsyncLocalStorage<CallMetadata>();
  await using s = await setup({ contextStorage });
  s.tokentra.with({ feature: "handed" }, () => expect(contextStorage.getStore()).toEqual({ feature: "handed" }));

  const host = globalThis.process;
  Reflect.set(globalThis, "process", undefined);
  const bare = new TokenTRA({ apiKey: "k", baseUrl: s.door.url });
  Reflect.set(globalThis, "process", host);
  bare.with({ feature: "derived" }, (derived) => {
    derived.track({ provider: "p", model: "m" });
    bare.track({ provider: "p", model: "m" });
  });
  await bare.shutdown();
  expect(labels(s.door.events).map(([feature]) => feature)).toEqual(["derived", undefined]);
});

test("a client that cannot be wrapped is refused with the names of those that can", async () => {
  await using s = await setup();
  expect(() => s.tokentra.wrap({ anything: 1 } as never)).toThrow(/openai.*anthropic.*genai.*bedrock/);
});

/** A budget endpoint that answers as told, and what it was asked. */
function budgets(...answers: (() => Response | Promise<Response>)[]) {
  const asked: { url: string; body: unknown; key: string | null }[] = [];
  const errors: Error[] = [];
  const send: typeof fetch = async (input, init) => {
    asked.push({ url: String(input), body: JSON.parse(String(init?.body)), key: new Headers(init?.headers).get("authorization") });
    return answers[Math.min(asked.length, answers.length) - 1]!();
  };
  const tokentra = new TokenTRA({
    apiKey: "k",
    baseUrl: "http://t.example",
    fetch: send,
    onError: (error) => errors.push(error),
    projectId: "shop",
  });
  return { tokentra, asked, errors };
}
const says =
  (body: object, status = 200, headers: Record<string, string> = {}) =>
  () =>
    Response.json(body, { status, headers });

test("a budget is asked for what the call is for, once for a moment", async () => {
  const { tokentra, asked } = budgets(
    says({ decision: "warn", reason: "80 % spent", budget: { id: "b1" } }),
    says({ allowed: false, decision: "block" }),
  );
  const check = () =>
    tokentra.with({ feature: "search" }, () =>
      tokentra.checkBudget({ userId: "u", model: "gpt-5", operationId: crypto.randomUUID() }, { cacheMs: 200 }),
    );
  const [first, second] = await Promise.all([check(), check()]);
  expect(first).toEqual({ isAllowed: true, isKnown: true, decision: "warn", reason: "80 % spent", budget: { id: "b1" } });
  expect(second).toEqual(first);
  expect(asked).toEqual([
    {
      url: "http://t.example/api/v1/budgets/check",
      key: "Bearer k",
      body: { project_id: "shop", feature: "search", user_id: "u", model: "gpt-5" },
    },
  ]);
  expect((await tokentra.checkBudget({ userId: "other" })).isAllowed).toBe(false);
  await expect.poll(async () => (await check()).isAllowed, { timeout: 3_000 }).toBe(false);
});

test("a refusal says why and when to ask again; an endpoint that does not exist allows and says that it does not know", async () => {
  const refused = budgets(
    says({ error: { code: "budget_exceeded", message: "The team's budget is spent." } }, 402, { "retry-after": "60" }),
  );
  expect(await refused.tokentra.checkBudget()).toEqual({
    isAllowed: false,
    isKnown: true,
    decision: "block",
    reason: "The team's budget is spent.",
    retryAfterSeconds: 60,
  });
  const missing = budgets(says({ error: { code: "not_found" } }, 404));
  expect(await missing.tokentra.checkBudget({}, { whenUnknown: "closed" })).toEqual({ isAllowed: true, isKnown: false });
  expect(missing.errors).toEqual([]);
});

test.each([
  ["fails", says({}, 503)],
  ["says what cannot be understood", says({ hello: 1 })],
  ["cannot be reached", () => Promise.reject(new TypeError("fetch failed"))],
  ["is silent", () => new Promise<Response>((_resolve, reject) => setTimeout(() => reject(new Error("time-out")), 50))],
])("a server that %s leaves it to the caller: open or closed", async (_name, answer) => {
  const { tokentra } = budgets(answer);
  expect(await tokentra.checkBudget()).toEqual({ isAllowed: true, isKnown: false });
  expect(await tokentra.checkBudget({}, { whenUnknown: "closed" })).toEqual({ isAllowed: false, isKnown: false });
});

test("waiting for an answer has an end", async () => {
  const door = await startTrackServer(refuse(503), accept);
  const tokentra = new TokenTRA({
    apiKey: "k",
    baseUrl: "http://t.example",
    fetch: (_input, init) => new Promise((_resolve, reject) => init?.signal?.addEventListener("abort", () => reject(init.signal?.reason))),
  });
  const began = performance.now();
  expect(await tokentra.checkBudget({}, { timeoutMs: 40 })).toEqual({ isAllowed: true, isKnown: false });
  expect(performance.now() - began).toBeLessThan(5_000);
  await door.close();
});
