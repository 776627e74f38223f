import { calcPrice, type Provider, waitForUpdate } from "@pydantic/genai-prices";
import { beforeAll, describe, expect, test } from "vitest";
import { catalogueAliases, catalogueRates } from "../../lib/pricing/catalogue.ts";
import type { ModelAlias, PriceBook } from "../../lib/pricing/price-book.ts";
import { assemble, priceBook } from "../../supabase/seeds/price-book.ts";

let providers: Provider[];
let book: PriceBook;
let aliases: Map<string, (ModelAlias & { expressions?: RegExp[] })[]>;

beforeAll(async () => {
  providers = (await waitForUpdate())!;
  aliases = new Map(
    providers.map((p) => [
      p.id,
      catalogueAliases(p).map((a) =>
        a.name === undefined
          ? { ...a, expressions: [...(a.likes ?? []).map(likeExpression), ...(a.patterns ?? []).map((e) => new RegExp(e))] }
          : a,
      ),
    ]),
  );
  book = await priceBook();
});

/** A like pattern as an expression. */
function likeExpression(like: string): RegExp {
  const body = like.replace(/\\(.)|(%)|([^%\\])/g, (_, escaped, any, plain) =>
    any ? ".*" : (escaped ?? plain).replace(/[.*+?^${}()|[\]\\]/g, "\\$&"),
  );
  return new RegExp(`^${body}$`);
}

/** First alias that matches a name, as the database looks it up. */
function find(platform: string, name: string) {
  const hits = aliases
    .get(platform)!
    .filter((alias) => (alias.expressions ? alias.expressions.every((expression) => expression.test(name)) : alias.name === name));
  return hits.sort((a, b) => a.position - b.position || Number(b.is_exact) - Number(a.is_exact))[0];
}

describe("names", () => {
  test("find the model the catalogue finds, for every name it lists and for names it never heard of", () => {
    let compared = 0;
    const wrong: string[] = [];
    for (const provider of providers) {
      const names = aliases.get(provider.id)!.flatMap((alias) => (alias.name === undefined ? [] : [alias.name]));
      for (const name of names.flatMap((n) => [n, `${n}-20991231`, `${n}-preview`, `us.${n}`])) {
        const found = calcPrice({ input_tokens: 1 }, name, { providerId: provider.id })?.model;
        // What a reseller borrows from another platform is looked up by the database itself.
        const theirs = found && provider.models.includes(found) ? found.id : undefined;
        const ours = find(provider.id, name)?.model;
        // The catalogue also tries 20991231 as 2099-12-31; we never rewrite a name.
        if (ours !== theirs && !(ours === undefined && name.endsWith("-20991231")))
          wrong.push(`${provider.id} ${name}: ${ours}, not ${theirs}`);
        compared += 1;
      }
    }
    expect(wrong).toEqual([]);
    expect(compared).toBeGreaterThan(8000);
  }, 30_000);

  test("are exact only as literals", () => {
    expect(find("anthropic", "claude-opus-4-8")).toMatchObject({ is_exact: true });
    expect(find("anthropic", "claude-opus-4-8-20991231")).toMatchObject({ model: "claude-opus-4-8", is_exact: false });
    expect(find("openai", "gpt-4o-2099-01-01")).toBeUndefined();
    expect(book.aliases.filter((alias) => alias.name === undefined && alias.is_exact)).toEqual([]);
  });

  test("of our own point at models that exist and come before the catalogue's", () => {
    const models = new Set(providers.flatMap((p) => p.models.map((m) => `${p.id} ${m.id}`)));
    const own = book.aliases.filter((alias) => alias.position < 10);
    expect(own.length).toBeGreaterThan(40);
    for (const alias of own) expect(models, alias.name).toContain(`${alias.platform} ${alias.model}`);
    const literals = book.aliases.flatMap((alias) => (alias.name ? [`${alias.platform} ${alias.name}`] : []));
    expect(new Set(literals).size).toBe(literals.length);
  });

  test("of our own agree with the model the catalogue's rule would choose", () => {
    for (const alias of book.aliases.filter((a) => a.position < 10 && !["aws", "openai"].includes(a.platform)))
      expect(find(alias.platform, alias.name!)?.model, alias.name).toBe(alias.model);
  });
});

describe("rates", () => {
  test("come from every price of the catalogue", () => {
    const prices = providers.flatMap((p) =>
      p.models.flatMap((m) => (Array.isArray(m.prices) ? m.prices.map((c) => c.prices) : [m.prices])),
    );
    const expected = prices
      .flatMap((p) => Object.values(p))
      .reduce<number>((n, price) => n + (typeof price === "number" ? 1 : 1 + price!.tiers.length), 0);
    const rates = providers.flatMap((p) => catalogueRates(p));
    expect(expected).toBeGreaterThan(4000);
    // Windows that mix with dates repeat a price once per era, so there can be more rows, never fewer.
    expect(rates.length).toBeGreaterThanOrEqual(expected);
    for (const rate of rates) expect(rate.rate).toMatch(/^\d+(\.\d+)?$/);
  });

  test("of one unit cover a model's whole time once: no instant has two prices, none between them is without", () => {
    const deepseek = providers.find((p) => p.id === "deepseek")!;
    const rates = catalogueRates(deepseek).filter((rate) => rate.model === "deepseek-chat" && rate.unit === "input_tokens");
    const seconds = rates.flatMap((rate) => [...rate.week_seconds!.matchAll(/\[(\d+),(\d+)\)/g)].map((m) => Number(m[2]) - Number(m[1])));
    expect(seconds.reduce((a, b) => a + b, 0)).toBe(604_800);
    expect(rates.map((rate) => rate.rate).sort()).toEqual(["0.000000135", "0.00000027"]);
  });

  test("start one token above the catalogue's bound, whichever side the vendor means", () => {
    const bucket = (model: string) =>
      book.rates
        .filter((r) => r.model === model && r.platform === "openai" && r.unit === "output_tokens" && !r.service_tier)
        .map((r) => r.context_tokens);
    expect(bucket("gpt-5.4")).toEqual(["[0,272000)", "[272000,)"]);
    expect(bucket("gpt-6-sol")).toEqual(["[0,272001)", "[272001,)"]);
  });

  test("refuse a unit nobody knows instead of dropping a price", () => {
    const strange = { id: "x", name: "x", api_pattern: "x", models: [{ id: "m", match: { equals: "m" }, prices: { moon_dust_mtok: 1 } }] };
    expect(() => assemble([strange])).toThrow("moon_dust_mtok");
  });

  test("of our own name their source and the day it was read", () => {
    const own = book.rates.filter((rate) => !rate.source.startsWith("@pydantic"));
    expect(own.length).toBeGreaterThan(150);
    for (const row of [...own, ...book.multipliers]) {
      expect(row.source).toMatch(/^https:\/\//);
      expect(row.source_checked_on).toMatch(/^\d{4}-\d\d-\d\d$/);
    }
  });
});

test("the price list is the same every time", async () => {
  expect(JSON.stringify(await priceBook())).toBe(JSON.stringify(book));
});
