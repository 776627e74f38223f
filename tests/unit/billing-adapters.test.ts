import { generateKeyPairSync } from "node:crypto";
import { readFileSync } from "node:fs";
import { afterEach, describe, expect, it } from "vitest";
import type { Provider } from "../../lib/connections/schema.ts";
import { signAws } from "../../lib/providers/aws-signature.ts";
import type { BillingContext } from "../../lib/providers/billing.ts";
import { billingAdapters, readProviderUrls } from "../../lib/providers/billing-adapters.ts";
import { retryAfter } from "../../lib/providers/billing-http.ts";
import { componentOf, modelOf } from "../../lib/providers/cloud-line.ts";
import { readLineItem } from "../../lib/providers/openai-billing.ts";
import { type BillingAnswer, type BillingQuestion, startBillingVendor } from "../support/billing-vendor.ts";

const recorded = (name: string) => readFileSync(new URL(`../support/fixtures/billing/${name}.json`, import.meta.url), "utf8");
const window = { from: "2026-11-01", to: "2026-11-03" };
const now = Date.parse("2026-11-02T12:00:00Z");
const servers: { close: () => Promise<void> }[] = [];
afterEach(async () => {
  for (const server of servers.splice(0)) await server.close();
});

/** One provider's adapter against a local server; `waited` collects how long it waited between tries. */
async function at(
  provider: Provider,
  answer: (question: BillingQuestion, turn: number) => BillingAnswer,
  own: Partial<BillingContext> = {},
) {
  const vendor = await startBillingVendor(answer);
  servers.push(vendor);
  const waited: number[] = [];
  const context: BillingContext = {
    credential: "sk-secret-1234567890abcdef",
    settings: {},
    baseUrls: { api: vendor.url, login: vendor.url },
    fetch,
    now: () => now,
    wait: async (milliseconds) => void waited.push(milliseconds),
    ...own,
  };
  const adapter = billingAdapters[provider]!;
  return { vendor, waited, report: () => adapter.report(context, window), test: () => adapter.test(context) };
}

const byPath =
  (answers: Record<string, string>) =>
  ({ path }: BillingQuestion): BillingAnswer => ({ body: recorded(Object.entries(answers).find(([end]) => path.endsWith(end))![1]) });

describe("OpenAI", () => {
  const answers = byPath({ "/usage/completions": "openai-usage", "/costs": "openai-costs" });

  it("reads usage as disjoint units and costs with every digit", async () => {
    const { report, vendor } = await at("openai", answers);
    const { usage, costs } = await report();
    const bucket = {
      day: "2026-11-01",
      project: "proj_abc",
      provider_key: "key_abc",
      model: "gpt-4o-mini-2024-07-18",
      service_tier: "standard",
      region: "",
    };
    expect(usage).toEqual([
      { ...bucket, unit: "requests", quantity: "5" },
      { ...bucket, unit: "input_tokens", quantity: "200" },
      { ...bucket, unit: "cached_input_tokens", quantity: "800" },
      { ...bucket, unit: "input_audio_tokens", quantity: "40" },
      { ...bucket, unit: "output_tokens", quantity: "500" },
      { ...bucket, unit: "output_audio_tokens", quantity: "7" },
      { ...bucket, provider_key: "", service_tier: "batch", unit: "requests", quantity: "1" },
      { ...bucket, provider_key: "", service_tier: "batch", unit: "input_tokens", quantity: "60" },
    ]);
    expect(costs.map(({ model, component, amount }) => [model, component, amount])).toEqual([
      ["gpt-4o-mini-2024-07-18", "input", "0.000000030000000000000001234"],
      ["gpt-4o-mini-2024-07-18", "cached_input", "0.00006"],
      ["", "other", "12"],
    ]);
    expect(vendor.asked[0]!.query.getAll("group_by")).toEqual(["project_id", "api_key_id", "model", "batch", "service_tier"]);
  });

  it("reads line items", () => {
    expect(readLineItem("o3-2025-04-16, output, batch")).toEqual({ model: "o3-2025-04-16", component: "output" });
    expect(readLineItem("gpt-4o-realtime, audio input")).toEqual({ model: "gpt-4o-realtime", component: "input" });
    expect(readLineItem("code interpreter sessions")).toEqual({ model: "", component: "other" });
  });
});

it("reads Anthropic's usage and its costs in cents", async () => {
  const { report, vendor } = await at(
    "anthropic",
    byPath({ "/usage_report/messages": "anthropic-usage", "/cost_report": "anthropic-costs" }),
  );
  const { usage, costs } = await report();
  expect(Object.fromEntries(usage.map(({ unit, quantity }) => [unit, quantity]))).toEqual({
    input_tokens: "1500",
    cached_input_tokens: "200",
    cache_write_5m_tokens: "500",
    cache_write_1h_tokens: "1000",
    output_tokens: "500",
    web_search_calls: "10",
  });
  expect(usage[0]).toMatchObject({ day: "2026-11-01", service_tier: "standard", region: "", model: "claude-opus-4-20250514" });
  expect(costs.map(({ model, component, amount }) => [model, component, amount])).toEqual([
    ["claude-opus-4-20250514", "input", "1.2378912"],
    ["", "other", "0.1"],
  ]);
  expect(vendor.asked[0]!.headers).toMatchObject({ "x-api-key": "sk-secret-1234567890abcdef", "anthropic-version": "2023-06-01" });
});

describe("AWS", () => {
  const credential = JSON.stringify({ access_key_id: "AKIDEXAMPLE", secret_access_key: "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY" });

  it("keeps what belongs to Bedrock", async () => {
    const { report } = await at("aws", () => ({ body: recorded("aws-cost-and-usage") }), { credential });
    const { usage, costs } = await report();
    expect(costs.map(({ model, component, amount }) => [model, component, amount])).toEqual([
      ["nova-lite", "input", "0.0001234567"],
      ["claude-sonnet-4-5", "cached_input", "3.21"],
    ]);
    expect(usage).toMatchObject([{ model: "nova-lite", unit: "input_tokens", quantity: "2057" }]);
  });

  it("signs like the published example post-vanilla of AWS's test suite", async () => {
    const request = { url: "https://example.amazonaws.com/", region: "us-east-1", service: "service", headers: {}, body: "" };
    const signed = await signAws(request, JSON.parse(credential), Date.parse("2015-08-30T12:36:00Z"));
    expect(signed.authorization).toBe(
      "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/service/aws4_request, SignedHeaders=host;x-amz-date, Signature=5da7c1a2acd57cee7505fc6676e4e544621c30862966e37dddb68e92efbe5d6b",
    );
  });
});

it("reads Google's billing export, signed in as the service account", async () => {
  const { privateKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
  const key = {
    client_email: "sync@billing-1.iam.gserviceaccount.com",
    project_id: "billing-1",
    private_key: privateKey.export({ type: "pkcs8", format: "pem" }),
  };
  const own = { credential: JSON.stringify(key), settings: { table: "billing-1.export.gcp_billing_export_resource_v1_01" } };
  const { report, vendor } = await at(
    "google",
    ({ path }) => ({ body: path === "/token" ? { access_token: "ya29.t" } : recorded("google-query") }),
    own,
  );
  const { usage, costs } = await report();
  expect(costs.map(({ project, model, component, amount }) => [project, model, component, amount])).toEqual([
    ["shop-prod", "gemini-2.5-flash", "input", "0.45000000000000000001"],
    ["", "", "other", "1.9"],
  ]);
  expect(usage).toMatchObject([{ model: "gemini-2.5-flash", unit: "input_tokens", quantity: "1500000" }]);
  expect(vendor.asked[1]!.headers.authorization).toBe("Bearer ya29.t");
  const injected = await at("google", () => ({ body: {} }), { ...own, settings: { table: "a`; drop table b; --" } });
  await expect(injected.report()).rejects.toMatchObject({ code: "settings" });
});

it("reads Azure's costs by meter and follows no next page to another host", async () => {
  const ids = Object.fromEntries(
    ["tenant_id", "client_id", "subscription_id"].map((name) => [name, "11111111-1111-4111-8111-111111111111"]),
  );
  const { report } = await at(
    "azure",
    ({ path }) => ({ body: path.endsWith("/token") ? { access_token: "eyJ" } : recorded("azure-query") }),
    { settings: ids },
  );
  const { usage, costs } = await report();
  expect(costs.map(({ day, model, component, amount }) => [day, model, component, amount])).toEqual([
    ["2026-11-01", "gpt-4o-mini", "output", "0.0152500000000000001"],
    ["2026-11-01", "", "other", "7"],
  ]);
  expect(usage).toMatchObject([{ model: "gpt-4o-mini", unit: "output_tokens", quantity: "6100" }]);
  const elsewhere = recorded("azure-query").replace('"nextLink": null', '"nextLink": "https://elsewhere.example/next"');
  const stray = await at("azure", ({ path }) => ({ body: path.endsWith("/token") ? { access_token: "eyJ" } : elsewhere }), {
    settings: ids,
  });
  await expect(stray.report()).rejects.toMatchObject({ code: "malformed" });
});

describe("bad answers", () => {
  const page = (body: object): BillingAnswer => ({ body: { object: "page", data: [], has_more: false, next_page: null, ...body } });

  it.each([
    [401, "credential"],
    [403, "permission"],
    [400, "settings"],
    [302, "malformed"],
  ])("says what a %i means, without the credential in it", async (status, code) => {
    const { test } = await at("openai", () => ({
      status,
      headers: { location: "http://elsewhere" },
      body: { error: { message: "Incorrect key sk-secret-1234567890abcdef" } },
    }));
    const error = await test().then(
      () => null,
      (caught: Error) => caught,
    );
    expect(error).toMatchObject({ code });
    expect(error!.message).not.toContain("1234567890");
  });

  it("waits out a short Retry-After and hands a long one on", async () => {
    const short = await at("openai", (_, turn) => (turn < 3 ? { status: 429, headers: { "retry-after": "2" }, body: {} } : page({})));
    await short.test();
    expect(short.waited).toEqual([2000, 2000]);
    const long = await at("openai", () => ({ status: 503, headers: { "retry-after": "120" }, body: "busy" }));
    await expect(long.report()).rejects.toMatchObject({ code: "unavailable", retryAfterSeconds: 120 });
    expect(long.waited).toEqual([]);
    expect(retryAfter("Mon, 02 Nov 2026 12:01:00 GMT", now)).toBe(60);
    expect(retryAfter("soon", now)).toBeNull();
  });

  it("names where the shape changed", async () => {
    const changed = recorded("openai-costs").replace('"line_item": "web search tool calls"', '"line_item": {"name": "web"}');
    const { report } = await at("openai", ({ path }) => ({ body: path.endsWith("/costs") ? changed : recorded("openai-usage") }));
    await expect(report()).rejects.toMatchObject({ code: "malformed", message: expect.stringContaining("data.0.results.2.line_item") });
    for (const body of ["<html>", "[]", '{"data": []}'])
      await expect((await at("openai", () => ({ body }))).report()).rejects.toMatchObject({ code: "malformed" });
  });

  it("refuses a bill in another currency, and more cached than input tokens", async () => {
    const euros = await at("openai", ({ path }) => ({
      body: path.endsWith("/costs") ? recorded("openai-costs").replaceAll("usd", "eur") : recorded("openai-usage"),
    }));
    await expect(euros.report()).rejects.toMatchObject({ message: "OpenAI bills in eur, not in US dollars." });
    const odd = await at("openai", () => ({ body: recorded("openai-usage").replace('"input_tokens": 1000', '"input_tokens": 10') }));
    await expect(odd.report()).rejects.toMatchObject({ code: "malformed" });
  });

  it("counts a page that is sent twice once, and ends a circle of pages", async () => {
    const twice = await at("openai", ({ path, query }) => {
      const first = query.get("page") === null;
      const body = JSON.parse(recorded(path.endsWith("/costs") ? "openai-costs" : "openai-usage"));
      return { body: { ...body, has_more: first, next_page: first ? "again" : null } };
    });
    const once = await at("openai", byPath({ "/usage/completions": "openai-usage", "/costs": "openai-costs" }));
    const [repeated, plain] = [await twice.report(), await once.report()];
    expect(repeated.usage).toEqual(plain.usage);
    expect(repeated.costs.length).toBe(plain.costs.length);
    await expect((await at("openai", () => page({ has_more: true, next_page: "p" }))).report()).rejects.toMatchObject({
      code: "malformed",
    });
    await expect((await at("openai", () => page({ has_more: true }))).report()).rejects.toMatchObject({ code: "malformed" });
  });

  it("says so when nobody answers", async () => {
    const { test } = await at("openai", () => page({}), { fetch: () => Promise.reject(new TypeError("fetch failed")) });
    await expect(test()).rejects.toMatchObject({ code: "unavailable", message: "OpenAI could not be reached." });
  });
});

it("reads what clouds call their lines", () => {
  const lines: [string, string, string][] = [
    ["USE1-Claude3.5Sonnet-cache-write-input-token-count", "claude-3-5-sonnet", "cache_write"],
    ["Claude Opus 4.1 (Amazon Bedrock Edition) · OutputTokenCount", "claude-opus-4-1", "output"],
    ["Gemini 2.5 Flash Lite Text Output - Predictions", "gemini-2.5-flash-lite", "output"],
    ["gpt 4.1 cchd Inp glbl Tokens", "gpt-4.1", "cached_input"],
    ["o4 mini 0416 Inp Data Zone Tokens", "o4-mini", "input"],
    ["Embeddings Ada", "", "other"],
  ];
  for (const [line, model, component] of lines) expect([line, modelOf(line), componentOf(line)]).toEqual([line, model, component]);
});

it("reads other addresses for providers from a setting", () => {
  expect(readProviderUrls(undefined)).toEqual({});
  expect(readProviderUrls('{"openai": {"api": "https://proxy.example"}}')).toEqual({ openai: { api: "https://proxy.example" } });
  expect(() => readProviderUrls('{"openai": "no"}')).toThrow();
});
