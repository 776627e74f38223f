import { readFile } from "node:fs/promises";
import type { Browser } from "playwright-core";
import { afterAll, beforeAll, expect, it } from "vitest";
import { expectAccessible, launchBrowser, openPage } from "../support/browser.ts";
import { makeApiKey, makeMember, makeOrganization } from "../support/people.ts";
import { eventually, openScreen, shownText, track, untilLive, usageEvent } from "../support/screens.ts";
import { testStack } from "../support/stack.ts";

let browser: Browser;
beforeAll(async () => {
  browser = await launchBrowser();
});
afterAll(() => browser?.close());

it("shows the organization from the side of teams, people, models and providers, and leads on to Explore", async () => {
  const stack = await testStack();
  const organization = await makeOrganization(stack, { name: "Sides" });
  const { key } = await makeApiKey(stack, organization);
  await stack.sql`insert into public.teams (organization_id, slug, name) values (${organization.id}, 'core', 'Core')`;
  await track(stack, key, [
    usageEvent({ team_id: "core", model: "gpt-4o", user_id: "ada", latency_ms: 400 }),
    usageEvent({ team_id: "core", user_id: "bob", status: "error" }),
    usageEvent({ user_id: "bob" }),
  ]);
  const page = await openPage(browser, { colorScheme: "dark" });
  await openScreen(stack, page, organization, organization.owner, "teams");
  await untilLive(page);
  const teams = page.getByRole("region", { name: "Teams", exact: true });
  // $2.50 + $0.15 of $2.80; one of two failed.
  await eventually(() => shownText(teams.getByRole("row", { name: /^Core/ }))).toMatch(/\$2\.65\s+94\.6\s%[\s\S]*1 \(50\.0\s%\)/);
  expect(await shownText(teams.getByRole("row", { name: /^All teams/ }))).toContain("$2.80");
  await teams.getByRole("img", { name: "Cost of Core per day" }).waitFor();
  await expectAccessible(page);
  const download = page.waitForEvent("download");
  await page.getByRole("button", { name: "CSV", exact: true }).click();
  expect(await readFile((await (await download).path()) ?? "", "utf8")).toMatch(/Core,[0-9a-f-]{36},2\.65,0,2\.65,2,0,1,2000000/);

  await teams.getByRole("link", { name: "Core" }).click();
  await page.waitForURL(/\/explore\?.*team=/);
  await page.getByRole("button", { name: "Remove filter Team Core" }).waitFor();

  await page.keyboard.press("g");
  await page.keyboard.press("m");
  await page.waitForURL(/\/models/);
  const models = page.getByRole("region", { name: "Models", exact: true });
  await models.getByRole("button", { name: "Requests" }).click();
  await page.waitForURL(/order=requests/);
  await eventually(() => shownText(models.locator("tbody tr").nth(1))).toMatch(/^gpt-4o-mini/);

  await page.setViewportSize({ width: 375, height: 812 });
  for (const [path, row] of [
    ["people?model=gpt-4o", /^ada\s+\$2\.50/],
    ["providers", /^openai\s+\$2\.80/],
    ["projects", /^Not set\s+\$2\.80/],
  ] as const) {
    await page.goto(`${stack.siteUrl}/${organization.slug}/${path}`);
    await eventually(() => shownText(page.getByRole("table").locator("tbody tr").nth(1))).toMatch(row);
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(375);
    await expectAccessible(page);
  }
});

it("keeps a view under a name, shares it, and finds it again with the palette; a viewer sees it and shares nothing", async () => {
  const stack = await testStack();
  const organization = await makeOrganization(stack, { name: "Views" });
  const { key } = await makeApiKey(stack, organization);
  await track(stack, key, [usageEvent({ feature: "chat" })]);
  const page = await openPage(browser);
  await openScreen(stack, page, organization, organization.owner, "explore?by=feature&range=7d");
  await untilLive(page);
  await page.getByRole("button", { name: "Views", exact: true }).click();
  await page.getByLabel("Save this view as").fill("Features, a week");
  await page.getByRole("switch", { name: "Share with the organization" }).click();
  await expectAccessible(page);
  await page.getByRole("button", { name: "Save view" }).click();
  await page.getByText("View saved", { exact: true }).first().waitFor();

  const viewer = await makeMember(stack, organization, "viewer");
  const other = await openPage(browser);
  await openScreen(stack, other, organization, viewer, "overview");
  await untilLive(other);
  await other.keyboard.press("ControlOrMeta+k");
  await other.getByRole("option", { name: "Features, a week" }).click();
  await other.waitForURL(/\/explore\?by=feature&range=7d/);
  await other.getByRole("button", { name: "Views", exact: true }).click();
  await other.getByRole("link", { name: /Features, a week/ }).waitFor();
  expect(await other.getByRole("switch", { name: "Share with the organization" }).count()).toBe(0);
  expect(await other.getByRole("button", { name: /Remove view/ }).count()).toBe(0);

  await page.getByRole("button", { name: "Views", exact: true }).click();
  await page.getByRole("button", { name: "Remove view Features, a week" }).click();
  await page.getByText("Nothing saved yet", { exact: false }).waitFor();
});
