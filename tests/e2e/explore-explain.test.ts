import { readFile } from "node:fs/promises";
import { Decimal } from "decimal.js";
import type { Browser } from "playwright-core";
import { afterAll, beforeAll, expect, it } from "vitest";
import { expectAccessible, launchBrowser, openPage } from "../support/browser.ts";
import { makeApiKey, makeOrganization } from "../support/people.ts";
import { eventually, openScreen, shownText, track, untilLive, usageEvent } from "../support/screens.ts";
import { testStack } from "../support/stack.ts";

let browser: Browser;
beforeAll(async () => {
  browser = await launchBrowser();
});
afterAll(() => browser?.close());

const hour = 3_600_000;
const ago = (hours: number) => new Date(Date.now() - hours * hour).toISOString();
/** Within the last seven days, and within the part of the seven before them that is as old. */
const now = () => ago(1);
const before = () => ago(7 * 24 + 2);

it("explains a change by parts that sum to it, in words, bars, rows and a file; the address keeps it", async () => {
  const stack = await testStack();
  const organization = await makeOrganization(stack, { name: "Explained" });
  const { key } = await makeApiKey(stack, organization);
  // gpt-4o: $2.50 a million input. Before 2 calls of 1M ($5.00), now 3 of 2M ($15.00); beside it a model that is new and one with odd digits.
  await track(stack, key, [
    ...[1, 2].map(() => usageEvent({ model: "gpt-4o", timestamp: before() })),
    ...[1, 2, 3].map(() => usageEvent({ model: "gpt-4o", timestamp: now(), input_tokens: 2_000_000 })),
  ]);
  const page = await openPage(browser);
  await openScreen(stack, page, organization, organization.owner, "explore?range=7d");
  await untilLive(page);
  await page.getByRole("button", { name: "Explain this change" }).click();
  await page.waitForURL(/explain=1/);
  // Volume 5.00 × (3/2 − 1), size (6M − 3M) × $2.50.
  await eventually(() => shownText(page.locator("[data-explained]"))).toBe(
    "$10.00 more: $7.50 longer prompts and answers, $2.50 more requests.",
  );

  await track(stack, key, [
    ...[1, 2, 3].map((n) => usageEvent({ timestamp: before(), input_tokens: 7 * n + 1, cached_input_tokens: n })),
    ...[1, 2, 3, 4, 5, 6, 7].map((n) =>
      usageEvent({ timestamp: now(), input_tokens: 13 * n, output_tokens: 3 * n, cached_input_tokens: 2 * n }),
    ),
    usageEvent({ model: "gpt-4.1", timestamp: now(), output_tokens: 11 }),
  ]);
  await page.reload();
  const exact = () =>
    page
      .getByRole("region", { name: "Parts of the change", exact: true })
      .locator("[data-exact]")
      .evaluateAll((cells) => cells.map((cell) => (cell.getAttribute("data-exact") ?? "").replaceAll(/[$,]/g, "").replace("\u2212", "-")));
  await eventually(async () => (await exact()).length).toBe(8);
  await eventually(() => shownText(page.getByRole("region", { name: "Parts of the change by Model" }))).toContain("gpt-4.1");
  const amounts = await exact();
  const [first, last] = [amounts[0] ?? "", amounts.at(-1) ?? ""];
  expect(Decimal.sum(...amounts.slice(0, -1)).toFixed()).toBe(new Decimal(last).toFixed());
  const [stored] = await stack.sql<{ before: string; now: string }[]>`
    select trim_scale(sum(cost) filter (where "timestamp" < now() - interval '6 days'))::text as before,
      trim_scale(sum(cost) filter (where "timestamp" > now() - interval '6 days'))::text as now
    from private.usage_records where organization_id = ${organization.id}`;
  expect([new Decimal(first).toFixed(), new Decimal(last).toFixed()]).toEqual([stored?.before, stored?.now]);

  const download = page.waitForEvent("download");
  await page.getByRole("button", { name: "CSV of the parts" }).click();
  const csv = await readFile((await (await download).path()) ?? "", "utf8");
  const lines = csv.trim().split("\r\n").slice(1);
  expect(lines).toHaveLength(4);
  for (const line of lines) {
    const [change, ...parts] = line.split(",").slice(5, 12) as [string, ...string[]];
    expect(Decimal.sum(...parts).toFixed(), line).toBe(new Decimal(change).toFixed());
  }
  await expectAccessible(page);

  await page.getByRole("button", { name: "Close the explanation" }).click();
  await eventually(() => page.locator("[data-explained]").count()).toBe(0);
  await page.goBack();
  await page.locator("[data-explained]").waitFor();
});

it("opens a row into a second and third dimension, whose parts sum to it, down to its requests", async () => {
  const stack = await testStack();
  const organization = await makeOrganization(stack, { name: "Nested" });
  const { key } = await makeApiKey(stack, organization);
  await track(stack, key, [
    usageEvent({ feature: "chat", environment: "production", model: "gpt-4o" }),
    usageEvent({ feature: "chat", environment: "production" }),
    usageEvent({ feature: "chat", environment: "staging" }),
    usageEvent({ feature: "search", environment: "staging", status: "error" }),
  ]);
  const page = await openPage(browser);
  await openScreen(stack, page, organization, organization.owner, "explore?by=feature");
  await untilLive(page);
  await page.getByRole("combobox", { name: "Second dimension" }).click();
  await page.getByRole("option", { name: "Environment" }).click();
  await page.getByRole("combobox", { name: "Third dimension" }).click();
  await page.getByRole("option", { name: "Model" }).click();
  await page.waitForURL(/then=environment\.model/);
  const table = page.getByRole("region", { name: "Cost by Feature, then Environment, then Model" });
  await table.getByRole("button", { name: "chat: open its environments" }).press("Enter");
  await eventually(() => shownText(table.locator('tr[data-level="1"]'))).toMatch(/production[\s\S]*\$2\.65[\s\S]*staging[\s\S]*\$0\.15/);
  await table.getByRole("button", { name: "production: open its models" }).click();
  await eventually(() => shownText(table.locator('tr[data-level="2"]'))).toMatch(/gpt-4o\s[\s\S]*\$2\.50[\s\S]*gpt-4o-mini[\s\S]*\$0\.15/);
  await expectAccessible(page);
  await table.locator('tr[data-level="2"]').first().getByRole("link", { name: "Requests of gpt-4o" }).click();
  await page.waitForURL(/\/requests\?.*environment=production/);
  await eventually(() => page.getByRole("button", { name: /^Open request/ }).count()).toBe(1);

  await page.goto(`${stack.siteUrl}/${organization.slug}/explore?measure=waste&by=feature`);
  await eventually(() => shownText(page.getByRole("region", { name: "Waste by Feature" }))).toMatch(/search\s+\$0\.15/);
  await page.goto(`${stack.siteUrl}/${organization.slug}/explore?measure=cost_per_request&by=feature`);
  await eventually(() => shownText(page.getByRole("region", { name: "Cost per request by Feature" }))).toMatch(/chat\s+\$0\.93/);
});
