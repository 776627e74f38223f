import type { Browser } from "playwright-core";
import { afterAll, beforeAll, expect, it } from "vitest";
import { expectAccessible, launchBrowser, openPage } from "../support/browser.ts";
import { makeMember, makeOrganization } from "../support/people.ts";
import { eventually, openScreen, shownText, track, untilLive, usageEvent } from "../support/screens.ts";
import { testStack } from "../support/stack.ts";

let browser: Browser;
beforeAll(async () => {
  browser = await launchBrowser();
});
afterAll(() => browser?.close());

it("puts the person's own key into the snippet, shows the event where it was awaited and turns into the dashboard", async () => {
  const stack = await testStack();
  const organization = await makeOrganization(stack, { name: "First run" });
  const page = await openPage(browser);
  await openScreen(stack, page, organization, organization.owner, "start");
  await untilLive(page);
  const snippet = page.getByRole("tabpanel").locator("pre");
  await eventually(() => shownText(snippet)).toMatch(/tt_live_[A-Za-z0-9_-]{43}/);
  const key = /tt_live_[A-Za-z0-9_-]{43}/.exec(await shownText(snippet))?.[0] ?? "";
  expect(await stack.sql`select 1 from public.api_keys where organization_id = ${organization.id}`).toHaveLength(1);
  for (const language of ["TypeScript", "Python", "curl"]) {
    await page.getByRole("tab", { name: language }).click();
    await eventually(() => shownText(page.getByRole("tabpanel").locator("pre"))).toContain(key);
    expect(await shownText(page.getByRole("tabpanel").locator("pre"))).toContain(stack.siteUrl);
  }
  await page.getByText("Listening for your first event").waitFor();
  await expectAccessible(page);

  await track(stack, key, [usageEvent({ input_tokens: 1200, output_tokens: 350 })]);
  await page.getByText("It arrived").waitFor({ timeout: 30_000 });
  // 1,200 × $0.15 + 350 × $0.60 per million.
  await page.getByText("$0.00039").first().waitFor();
  await page.waitForURL(`**/${organization.slug}/overview`, { timeout: 60_000 });
  await eventually(() => shownText(page.getByText("Spend today").locator("xpath=ancestor::div[1]"))).toContain("$0.00039");
});

it("makes no key behind the back of who has one, and none for who may not", async () => {
  const stack = await testStack();
  const organization = await makeOrganization(stack, { name: "Second visit" });
  const viewer = await makeMember(stack, organization, "viewer");
  const page = await openPage(browser);
  await openScreen(stack, page, organization, viewer, "start");
  await page.getByText("Your role may not create API keys").waitFor();
  expect(await stack.sql`select 1 from public.api_keys where organization_id = ${organization.id}`).toHaveLength(0);
});
