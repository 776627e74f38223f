// Each kind of export, as its maker writes it, becomes the usage that it tells: nothing invented, nothing lost, every odd row named.
import { expect, test } from "vitest";
import { fixture, readFileAs } from "../support/import-files.ts";

const fieldsOf = async (name: string, mapping = {}, adapter?: string) => {
  const read = await readFileAs(fixture(name), mapping, adapter);
  return {
    adapter: read.adapter,
    events: read.rows.flatMap(({ events }) => events.map(({ fields, cost }) => ({ ...fields, cost }) as Record<string, unknown>)),
    problems: read.rows.flatMap(({ problem }) => (problem === null ? [] : [problem])),
  };
};

test("TokenTRA's own JSONL keeps its fields and ids; a row without an id is named by file and line", async () => {
  const { adapter, events, problems } = await fieldsOf("tokentra.jsonl");
  expect([adapter, problems]).toEqual(["tokentra", []]);
  expect(events[0]).toMatchObject({
    request_id: "req-1",
    cached_input_tokens: 1024,
    latency_ms: 812,
    tags: { region: "eu" },
    cost: "0.00252",
  });
  expect(events[1]).toMatchObject({ request_id: `import:${"0".repeat(40)}:2`, timestamp: "2026-09-01T10:00:00.000000Z", cost: null });
});

test("a table of somebody's own is mapped, with constants, and semicolons, quotes, commas and dollars read", async () => {
  const mapping = {
    timestamp: "When",
    model: "Which model",
    input_tokens: "Prompt",
    output_tokens: "Completion",
    cost: "Paid",
    feature: "Team",
    provider: "=azure",
  };
  const { events, problems } = await fieldsOf("own-columns.csv", mapping, "tokentra");
  expect(problems).toEqual([]);
  expect(events).toMatchObject([
    {
      timestamp: "2026-09-01T10:00:00.000000Z",
      provider: "azure",
      input_tokens: 1200,
      output_tokens: 300,
      feature: "growth",
      cost: "0.00036",
    },
    { input_tokens: 900, feature: "growth; two", cost: "0.000195" },
  ]);
});

test("LiteLLM: tokens of the metadata, durations, prefixes, failures, cache hits", async () => {
  const { adapter, events, problems } = await fieldsOf("litellm.csv");
  expect([adapter, problems]).toEqual(["litellm", []]);
  expect(events).toMatchObject([
    {
      request_id: "litellm:chatcmpl-BqX7f0",
      timestamp: "2026-09-01T08:15:02.113000Z",
      provider: "openai",
      model: "gpt-4o-mini-2024-07-18",
      endpoint: "chat.completions",
      input_tokens: 1000,
      cached_input_tokens: 512,
      output_tokens: 150,
      latency_ms: 1850,
      time_to_first_token_ms: 487,
      user_id: "customer-42",
      session_id: "sess-9",
      cache_hit: false,
      cost: "0.0004875",
    },
    { provider: "aws", model: "anthropic.claude-3-5-sonnet-20241022-v2:0", status: "error", latency_ms: 30_000 },
    { input_tokens: 5000, cached_input_tokens: 3000, cache_write_5m_tokens: 600, cache_write_1h_tokens: 400, cache_hit: true },
  ]);
});

test("Helicone: whether prompt tokens leave cached ones out is told by the total", async () => {
  const { adapter, events, problems } = await fieldsOf("helicone.jsonl");
  expect([adapter, problems]).toEqual(["helicone", []]);
  expect(events).toMatchObject([
    {
      provider: "openai",
      input_tokens: 1300,
      cached_input_tokens: 1000,
      output_tokens: 100,
      session_id: "s-1",
      latency_ms: 1200,
      cost: "0.003",
    },
    { provider: "anthropic", status: "error", error_code: "500", cost: null },
    { provider: "google", model: "gemini-2.5-flash", input_tokens: 2000, cached_input_tokens: 500, latency_ms: 451 },
  ]);
  expect(events[1]).not.toHaveProperty("input_tokens");
  const table = await fieldsOf("helicone.csv");
  expect(table.events).toMatchObject([{ provider: "openai", input_tokens: 300, user_id: "alice@example.com", cost: "0.001750" }]);
});

test("Langfuse: its kinds add up to ours, other spans are left out, what is unknown is named and not dropped", async () => {
  const { adapter, events, problems } = await fieldsOf("langfuse.csv");
  expect(adapter).toBe("langfuse");
  expect(events).toMatchObject([
    {
      request_id: "langfuse:obs-1",
      provider: "azure",
      input_tokens: 1000,
      cached_input_tokens: 300,
      output_tokens: 100,
      reasoning_tokens: 10,
      latency_ms: 2500,
      cost: "0.003125",
    },
    { provider: "anthropic", status: "error", input_tokens: 175, cached_input_tokens: 50, cache_write_5m_tokens: 25, cost: null },
  ]);
  expect(problems).toEqual([
    { line: 3, code: "no_call", message: "a span, not a call to a model", isSkipped: true },
    { line: 5, code: "unknown_usage", message: "usage kind video_frames is not known", isSkipped: false },
    { line: 6, code: "invalid", message: "provider is missing", isSkipped: false },
  ]);
  const told = await fieldsOf("langfuse.csv", { provider: "=vllm" });
  expect(told.events.at(-1)).toMatchObject({ provider: "vllm", model: "our-llama" });
});

test("OpenAI: buckets of the console, cut so that each part has the size of its average request", async () => {
  const { adapter, events, problems } = await fieldsOf("openai.csv");
  expect(adapter).toBe("openai");
  expect(events[0]).toMatchObject({
    timestamp: "2025-09-01T00:00:00.000000Z",
    service_tier: "standard",
    input_tokens: 1000,
    cached_input_tokens: 400,
    output_tokens: 50,
    is_estimated: true,
    metadata: { bucket_end: "2025-09-02T00:00:00.000000Z", bucket_requests: 10 },
    tags: { openai_project: "Search", openai_api_key: "key_1" },
  });
  const parts = events.slice(1) as { input_tokens: number; cached_input_tokens: number; output_tokens: number; service_tier: string }[];
  expect(parts).toHaveLength(3);
  const total = (name: "input_tokens" | "cached_input_tokens" | "output_tokens") => parts.reduce((sum, part) => sum + part[name], 0);
  expect([total("input_tokens"), total("cached_input_tokens"), total("output_tokens")]).toEqual([250_001, 100_000, 1_003]);
  expect(Math.max(...parts.map(({ input_tokens }) => input_tokens))).toBeLessThanOrEqual(100_000);
  expect(new Set(parts.map(({ service_tier }) => service_tier))).toEqual(new Set(["batch"]));
  expect(problems.map(({ code, isSkipped }) => [code, isSkipped])).toEqual([
    ["empty", true],
    ["no_model", false],
  ]);
});

test("OpenAI: pages of the usage API; audio stands beside text, costs without usage are left out", async () => {
  const { events, problems } = await fieldsOf("openai.json");
  expect(events).toMatchObject([
    {
      endpoint: "completions",
      service_tier: "flex",
      input_tokens: 1030,
      cached_input_tokens: 800,
      input_audio_tokens: 30,
      output_tokens: 520,
      output_audio_tokens: 20,
    },
    { endpoint: "embeddings", model: "text-embedding-3-small", input_tokens: 16 },
  ]);
  expect(problems.map(({ line, code }) => [line, code])).toEqual([
    [2, "empty"],
    [3, "cost_only"],
  ]);
});

test("Anthropic: input leaves cached tokens out there and includes them here; the size of the context decides the cut", async () => {
  const { adapter, events, problems } = await fieldsOf("anthropic.csv");
  expect(adapter).toBe("anthropic");
  expect(events[0]).toMatchObject({ service_tier: "standard", input_tokens: 62_950, cache_write_5m_tokens: 15_969, output_tokens: 16_932 });
  expect(events[0]).not.toHaveProperty("region");
  const batch = events.slice(1, 4) as { input_tokens: number; cached_input_tokens: number; region: string }[];
  expect(batch.map(({ region }) => region)).toEqual(["us", "us", "us"]);
  expect(batch.reduce((sum, part) => sum + part.input_tokens, 0)).toBe(400_003);
  expect(batch.every(({ input_tokens }) => input_tokens <= 200_000)).toBe(true);
  // A large one stays whole: it is priced as the large request it was.
  expect(events[4]).toMatchObject({ input_tokens: 250_000 });
  expect(problems).toMatchObject([{ code: "empty", isSkipped: true }]);
  const page = await fieldsOf("anthropic.json");
  expect(page.events).toMatchObject([
    {
      input_tokens: 3200,
      cached_input_tokens: 200,
      cache_write_5m_tokens: 500,
      cache_write_1h_tokens: 1000,
      output_tokens: 500,
      web_search_calls: 10,
    },
  ]);
});

test("FOCUS: lines that count tokens of a model become usage, each of its own meter; the rest is left out by name", async () => {
  const { adapter, events, problems } = await fieldsOf("focus.csv");
  expect(adapter).toBe("focus");
  const parts = events as { input_tokens: number; cached_input_tokens?: number }[];
  expect(events[0]).toMatchObject({ provider: "aws", model: "anthropic.claude-sonnet-4-5-20250929-v1:0", region: "us-east-1" });
  // A line of a million tokens is no request of a million tokens.
  expect(parts.map(({ input_tokens }) => input_tokens)).toEqual(Array.from({ length: 15 }, () => 100_000));
  expect(parts.map(({ cached_input_tokens = 0 }) => cached_input_tokens > 0).indexOf(true)).toBe(10);
  // Its cost is said once, for the whole line.
  expect(events.map(({ cost }) => cost).filter((cost) => cost !== null)).toEqual(["2.7000000000", "0.1500000000"]);
  expect(new Set(events.map(({ request_id }) => request_id)).size).toBe(15);
  expect(problems).toMatchObject([
    { line: 4, code: "cost_only", isSkipped: true },
    { line: 5, code: "cost_only", isSkipped: true },
  ]);
});
