import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import type { Browser } from "playwright-core";
import { Temporal } from "temporal-polyfill";
import { afterAll, beforeAll, expect, it } from "vitest";
import { TokenTRA } from "../../lib/sdk/client.ts";
import { azureTrace, type TraceRequest } from "../support/azure-trace.ts";
import { launchBrowser, openPage } from "../support/browser.ts";
import { as, makeApiKey, makeOrganization } from "../support/people.ts";
import { root } from "../support/repository.ts";
import { testStack } from "../support/stack.ts";

const trace = azureTrace();

/** List prices per million tokens, as the vendors publish them: openai.com/api/pricing and docs.anthropic.com, November 2025. */
const features = [
  { feature: "conversation", provider: "openai", model: "gpt-4.1-mini", centsIn: 40n, centsOut: 160n },
  { feature: "code", provider: "anthropic", model: "claude-haiku-4-5", centsIn: 100n, centsOut: 500n },
] as const;

/** Dollars of a feature, by hand: whole tokens times whole cents per million, so that 1e-8 dollars is the unit and nothing is rounded. */
const handCost = (requests: TraceRequest[], centsIn: bigint, centsOut: bigint) =>
  requests.reduce((sum, request) => sum + BigInt(request.contextTokens) * centsIn + BigInt(request.generatedTokens) * centsOut, 0n);
const dollars = (units: bigint) => {
  const text = units.toString().padStart(9, "0");
  return `${text.slice(0, -8)}.${text.slice(-8)}`.replace(/\.?0+$/, "");
};

/** A zone in which it is about noon, so that the replayed hour lies within one day and one month. */
const noonZone = () => {
  const ahead = 12 - new Date().getUTCHours();
  return ahead === 0 ? "Etc/GMT" : `Etc/GMT${ahead > 0 ? "-" : "+"}${Math.abs(ahead)}`;
};

let browser: Browser;
beforeAll(async () => {
  browser = await launchBrowser();
});
afterAll(() => browser?.close());

it.skipIf(!trace)(
  "a production trace replayed through the SDK costs the same by hand, in the API and on screen (skipped where the trace is not at hand)",
  async () => {
    if (!trace) return;
    const stack = await testStack();
    const organization = await makeOrganization(stack, { name: "Azure trace", timeZone: noonZone() });
    const { key } = await makeApiKey(stack, organization, { scopes: ["ingest", "read"] });
    const all = { conversation: trace.conversation, code: trace.code };
    const last = Math.max(...Object.values(all).flatMap((requests) => requests.map((request) => request.at.getTime())));
    const shift = Date.now() - 60_000 - last;

    const tokentra = new TokenTRA({
      apiKey: key,
      baseUrl: stack.siteUrl,
      maxQueueEvents: 40_000,
      maxQueueBytes: 64_000_000,
      maxBatchEvents: 1_000,
    });
    for (const { feature, provider, model } of features) {
      const tagged = tokentra.with({ feature, environment: "production" });
      for (const [index, request] of all[feature].entries()) {
        tagged.track({
          requestId: `azure-${feature}-${index}`,
          provider,
          model,
          timestamp: new Date(request.at.getTime() + shift),
          inputTokens: request.contextTokens,
          outputTokens: request.generatedTokens,
        });
      }
    }
    expect(await tokentra.flush(60_000)).toBe(true);
    expect(tokentra.dropped).toBe(0);

    const byFeature = Object.fromEntries(
      features.map(({ feature, centsIn, centsOut }) => [feature, handCost(all[feature], centsIn, centsOut)]),
    );
    const total = dollars(Object.values(byFeature).reduce((sum, cost) => sum + cost, 0n));
    const count = trace.conversation.length + trace.code.length;
    expect(count).toBe(28_185);

    const answer = await fetch(`${stack.siteUrl}/api/v1/overview`, { headers: { authorization: `Bearer ${key}` } });
    const overview = (await answer.json()) as { today: { cost: string; requests: number }; month: { cost: string } };
    expect({ today: overview.today.cost, month: overview.month.cost, requests: overview.today.requests }).toEqual({
      today: total,
      month: total,
      requests: count,
    });

    const parts = await as(
      stack,
      organization.owner,
      (tx) => tx<{ key: string; cost: string }[]>`
    select key, cost from public.spend_by(${organization.id}, now() - interval '2 days', now() + interval '1 day', 'feature')`,
    );
    expect(Object.fromEntries(parts.map((part) => [part.key, part.cost]))).toEqual(
      Object.fromEntries(Object.entries(byFeature).map(([name, cost]) => [name, dollars(cost)])),
    );
    expect(await as(stack, organization.owner, (tx) => tx`select * from public.verify_usage(${organization.id})`)).toEqual([]);

    const page = await openPage(browser);
    await page.goto(`${stack.siteUrl}/login?next=/${organization.slug}/overview`);
    await page.getByLabel("E-mail").fill(organization.owner.email);
    await page.getByLabel("Password").fill(organization.owner.password);
    await page.getByRole("button", { name: "Sign in", exact: true }).click();
    await page.waitForURL((url) => url.pathname === `/${organization.slug}/overview`);
    const spend = page.getByText("Spend today").locator("xpath=ancestor::div[1]");
    await expect.poll(() => spend.locator("[title]").first().getAttribute("title"), { timeout: 15_000 }).toContain(total);

    // The replayed hour by the minute, as a picture for people.
    const local = (at: number) =>
      Temporal.Instant.fromEpochMilliseconds(at).toZonedDateTimeISO(noonZone()).toPlainDateTime().toString({ smallestUnit: "minute" });
    const window = new URLSearchParams({
      range: "custom",
      from: local(last + shift - 65 * 60_000),
      to: local(last + shift + 60_000),
      by: "feature",
    });
    await page.goto(`${stack.siteUrl}/${organization.slug}/overview?${window}`);
    await page.getByRole("heading", { name: "Cost over time" }).waitFor();
    await page.waitForLoadState("networkidle").catch(() => {});
    await mkdir(join(root, "test-results"), { recursive: true });
    await page.screenshot({ path: join(root, "test-results", "azure-trace.png") });
  },
);
