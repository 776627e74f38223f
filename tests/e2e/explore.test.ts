import { readFile } from "node:fs/promises";
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

it("drills from a team down to its requests, every step in the URL and undone by back", async () => {
  const stack = await testStack();
  const organization = await makeOrganization(stack, { name: "Drill" });
  const { key } = await makeApiKey(stack, organization);
  await stack.sql`insert into public.teams (organization_id, slug, name) values (${organization.id}, 'core', 'Core'), (${organization.id}, 'labs', 'Labs')`;
  await track(stack, key, [
    usageEvent({ team_id: "core", feature: "chat", model: "gpt-4o" }),
    usageEvent({ team_id: "core", feature: "search", model: "gpt-4o-mini" }),
    usageEvent({ team_id: "labs", feature: "chat", model: "gpt-4o-mini" }),
  ]);
  const page = await openPage(browser);
  await openScreen(stack, page, organization, organization.owner, "explore?by=team");
  await untilLive(page);
  const table = page.getByRole("region", { name: "Cost by Team" });
  await table.waitFor();
  // $2.50 + $0.15 of $2.80.
  expect(await shownText(table)).toMatch(/Core\s+\$2\.65\s+94\.6/);

  const download = page.waitForEvent("download");
  await page.getByRole("button", { name: "CSV", exact: true }).click();
  const csv = await readFile((await (await download).path()) ?? "", "utf8");
  expect(csv).toMatch(/Core,[0-9a-f-]{36},2\.65,0,2\.65,2/);

  await table.getByRole("button", { name: /^Core/ }).click();
  await page.getByRole("region", { name: "Cost by Project" }).waitFor();
  await page.getByRole("button", { name: "Remove filter Team Core" }).waitFor();
  await page.getByRole("button", { name: /^Not set: narrow/ }).click();
  const features = page.getByRole("region", { name: "Cost by Feature" });
  await features.waitFor();
  expect(await shownText(features)).toContain("$2.50");
  await page.goBack();
  await page.getByRole("region", { name: "Cost by Project" }).waitFor();
  await page.goForward();
  await features.getByRole("link", { name: "Requests of chat" }).click();
  await page.waitForURL(/\/requests\?/);
  await eventually(() => page.getByRole("button", { name: /^Open request/ }).count()).toBe(1);
});

it("asks any measure by any dimension and sorts by the database", async () => {
  const stack = await testStack();
  const organization = await makeOrganization(stack, { name: "Measures" });
  const { key } = await makeApiKey(stack, organization);
  await track(stack, key, [
    usageEvent({ model: "gpt-4o", latency_ms: 400 }),
    usageEvent({ latency_ms: 12_500 }),
    usageEvent({ status: "error" }),
    usageEvent({ provider: "acme", model: "unpriced-model" }),
  ]);
  const page = await openPage(browser);
  await openScreen(stack, page, organization, organization.owner, "explore?measure=requests");
  await untilLive(page);
  const first = page.getByRole("table").last().locator("tbody tr").first();
  await eventually(() => shownText(first)).toContain("gpt-4o-mini");
  await page.getByRole("button", { name: "Cost" }).click();
  await page.waitForURL(/order=cost/);
  await eventually(() => shownText(first)).toMatch(/^gpt-4o\s/);
  expect(await shownText(page.getByRole("row", { name: /unpriced-model/ }))).toContain("unpriced");
  for (const [measure, shown] of [
    ["error_rate", "33.3\u00a0%"],
    ["latency_p95_ms", "s"],
  ] as const) {
    await page.goto(`${stack.siteUrl}/${organization.slug}/explore?measure=${measure}&by=provider`);
    await eventually(() => shownText(page.getByRole("table").last())).toContain(shown);
    await expectAccessible(page);
  }
});
