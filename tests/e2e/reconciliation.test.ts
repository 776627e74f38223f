import { readFile } from "node:fs/promises";
import type { Browser } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { makeConnection, sync } from "../../supabase/tests/billing-sync.ts";
import { event, send } from "../../supabase/tests/usage-sending.ts";
import { openAiBilling, startBillingVendor } from "../support/billing-vendor.ts";
import { expectAccessible, launchBrowser, openPage } from "../support/browser.ts";
import { makeApiKey, makeMember, makeOrganization } from "../support/people.ts";
import { eventually, openScreen, shownText, untilLive } from "../support/screens.ts";
import { type TestStack, testStack } from "../support/stack.ts";

let browser: Browser;
let stack: TestStack;
beforeAll(async () => {
  browser = await launchBrowser();
  stack = await testStack();
});
afterAll(() => browser?.close());

const day = (ago: number) => new Date(Date.now() - ago * 86_400_000).toISOString().slice(0, 10);
const model = "gpt-4o-2024-08-06";

/** Ten days ago: $2.50 tracked and billed. Nine days ago: $2.50 tracked, $2.75 billed. Eight days ago: a fee of $1 that nothing explains. */
async function billedOrganization() {
  const organization = await makeOrganization(stack, { name: "Bills" });
  const key = await makeApiKey(stack, organization);
  const tracked = { model, input_tokens: 1_000_000, cached_input_tokens: 0, output_tokens: 0 };
  await send(
    stack,
    key,
    [10, 9].map((ago) => event({ ...tracked, timestamp: `${day(ago)}T10:00:00Z` })),
  );
  const calls = [10, 9].map((ago) => ({ day: day(ago), key: "key_1", model, input: 1_000_000, cached: 0, output: 0 }));
  const line = (ago: number, name: string, amount: string) => ({ day: day(ago), key: "key_1", line: name, amount });
  const costs = [line(10, `${model}, input`, "2.5"), line(9, `${model}, input`, "2.75"), line(8, "web search tool calls", "1")];
  const vendor = await startBillingVendor(openAiBilling(calls, costs));
  await makeConnection(stack, organization);
  await sync(stack, organization, { openai: { api: vendor.url } });
  await vendor.close();
  return organization;
}

describe("reconciliation", () => {
  it("shows why a bill differs, adjusts to it after a preview, and takes it back", async () => {
    const organization = await billedOrganization();
    const page = await openPage(browser);
    await openScreen(stack, page, organization, organization.owner, "settings/reconciliation");
    await untilLive(page);
    const why = page.getByRole("region", { name: "Why the bill differs" });
    await eventually(() => shownText(why)).toMatch(/Rate[^\n]*\n?[^\n]*\+\$0\.25/);
    expect(await shownText(why)).toMatch(/Not reported[^\n]*\n?[^\n]*\+\$1\.00/);
    expect(await shownText(why)).toMatch(/Difference[^\n]*\n?[^\n]*\+\$1\.25/);
    await expectAccessible(page);

    await page.getByLabel("Only differences").click();
    const lines = page.getByRole("region", { name: "Tracked and billed" }).getByRole("row");
    await eventually(() => lines.count()).toBe(3);
    expect(page.url()).toContain("open=1");
    const [download] = await Promise.all([page.waitForEvent("download"), page.getByRole("button", { name: "CSV" }).click()]);
    const csv = await readFile(await download.path(), "utf8");
    expect(csv).toContain(`${day(9)},OpenAI,gpt-4o,input,,2.5,0,2.75,0.25,0,0,0.25,0,0,0,1000000,1000000,yes`);
    expect(csv.trim().split("\r\n")).toHaveLength(3);

    await page.getByRole("button", { name: "Adjust to the bill" }).click();
    const dialog = page.getByRole("dialog");
    expect(await shownText(dialog)).toMatch(/Entry\s+\+\$1\.25/);
    await expectAccessible(page);
    await dialog.getByRole("button", { name: "Enter $1.25" }).click();
    await dialog.getByText("Say why").waitFor();
    await dialog.getByLabel("Reason").fill("As billed");
    await dialog.getByRole("button", { name: "Enter $1.25" }).click();
    await dialog.waitFor({ state: "detached" });
    const journal = page.getByRole("region", { name: "Journal" });
    await eventually(() => shownText(journal)).toMatch(/As billed[\s\S]*\+\$1\.25/);

    await journal.getByRole("button", { name: "Take back" }).click();
    await page.getByRole("alertdialog").getByRole("button", { name: "Take back" }).click();
    await eventually(() => shownText(journal)).toContain("Taken back");
    await eventually(() => shownText(why)).toMatch(/Difference[^\n]*\n?[^\n]*\+\$1\.25/);
  });

  it("says what to do where nothing is connected, and shows the least permission its place", async () => {
    const organization = await makeOrganization(stack);
    const page = await openPage(browser, { viewport: { width: 375, height: 800 }, colorScheme: "dark" });
    await openScreen(stack, page, organization, organization.owner, "settings/reconciliation");
    await page.getByRole("link", { name: "Connect a provider" }).click();
    await page.getByRole("dialog", { name: "Connect a provider" }).waitFor();
    await expectAccessible(page);
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(375);
    const other = await openPage(browser);
    await openScreen(stack, other, organization, await makeMember(stack, organization, "viewer"), "settings/reconciliation");
    await other.getByText("Your role does not include").waitFor();
  });
});

describe("connections", () => {
  it("shows the state with its reason, pauses, and removes", async () => {
    const organization = await billedOrganization();
    await stack.sql`
      update private.connection_syncs set status = 'error', error_code = 'credential', error_message = 'OpenAI refuses the credential.',
        next_at = now() + interval '1 hour' where organization_id = ${organization.id}`;
    const page = await openPage(browser);
    await openScreen(stack, page, organization, organization.owner, "settings/connections");
    await untilLive(page);
    const table = page.getByRole("region", { name: "Connections" });
    await eventually(() => shownText(table)).toMatch(/Error\s+OpenAI refuses the credential\./);
    await expectAccessible(page);
    const choose = async (name: string) => {
      await page.getByRole("button", { name: /^Actions for/ }).click();
      await page.getByRole("menuitem", { name }).click();
    };
    await choose("Keys");
    await page.getByRole("dialog").getByText("key_1").waitFor();
    await page.keyboard.press("Escape");
    await choose("Pause");
    await eventually(() => shownText(table)).toContain("Paused");
    await choose("Remove");
    await page.getByRole("alertdialog").getByRole("button", { name: "Remove connection" }).click();
    await page.getByText("No provider is connected").waitFor();
  });
});
