// A person brings a file in: chosen, tried, compared, stored, and found in the list; what is not allowed is not offered.
import { readFile } from "node:fs/promises";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, expect, it } from "vitest";
import { expectAccessible, launchBrowser, openPage } from "../support/browser.ts";
import { fixturePath } from "../support/import-files.ts";
import { makeOrganization } from "../support/people.ts";
import { openScreen } from "../support/screens.ts";
import { type TestStack, testStack } from "../support/stack.ts";

let browser: Browser;
let stack: TestStack;
beforeAll(async () => {
  browser = await launchBrowser();
  stack = await testStack();
});
afterAll(() => browser?.close());

/** Lets go of a file over the drop zone, as a hand does. */
async function drop(page: Page, name: string): Promise<void> {
  const text = await readFile(fixturePath(name), "utf8");
  const data = await page.evaluateHandle(
    ([content, fileName]) => {
      const transfer = new DataTransfer();
      transfer.items.add(new File([content!], fileName!));
      return transfer;
    },
    [text, name],
  );
  await page.getByRole("region", { name: "Choose a file" }).dispatchEvent("drop", { dataTransfer: data });
}

it.each([
  { width: 1280, colorScheme: "light" as const },
  { width: 375, colorScheme: "dark" as const },
])("a dropped export is tried, compared and stored at $width px, $colorScheme", async ({ width, colorScheme }) => {
  const organization = await makeOrganization(stack);
  const page = await openPage(browser, { viewport: { width, height: 900 }, colorScheme });
  await openScreen(stack, page, organization, organization.owner, "settings/imports");
  await page.getByText("Nothing was imported yet").waitFor();
  await expectAccessible(page);

  await drop(page, "litellm.csv");
  await page.getByText("LiteLLM spend logs").first().waitFor();
  await page.getByRole("button", { name: "Dry run" }).click();
  await page.getByText("Dry run: nothing was stored").waitFor({ timeout: 30_000 });
  await page.getByText("3 events would be stored").waitFor();
  const comparison = page.getByRole("region", { name: "Their cost and ours, by model" });
  expect(await comparison.getByRole("row").count()).toBe(5);
  await expectAccessible(page);
  expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(width);

  await page.getByRole("button", { name: "Import", exact: true }).click();
  await page.getByText("3 events stored").waitFor({ timeout: 30_000 });
  const [count] = await stack.sql<{ records: number; open: number }[]>`
    select (select count(*)::int from private.usage_records where organization_id = ${organization.id} and source = 'import') as records,
      (select count(*)::int from public.api_keys where organization_id = ${organization.id} and revoked_at is null) as open`;
  expect(count).toEqual({ records: 3, open: 0 });

  await page.getByRole("region", { name: "Imports" }).getByRole("button", { name: "litellm.csv" }).last().click();
  await page.getByRole("dialog").getByText("Dry run: nothing was stored").waitFor();
  await expectAccessible(page);
});

it("a table of one's own is mapped by hand, and the mapping is there the next time", async () => {
  const organization = await makeOrganization(stack);
  const page = await openPage(browser);
  await openScreen(stack, page, organization, organization.owner, "settings/imports");
  await drop(page, "own-columns.csv");
  await page.getByLabel("Column for cost").click();
  await page.getByRole("option", { name: "Paid" }).click();
  await page.getByLabel("Column for provider").click();
  await page.getByRole("option", { name: "always azure" }).click();
  await page.getByRole("button", { name: "Import", exact: true }).click();
  await page.getByText("2 events stored").waitFor({ timeout: 30_000 });
  await page.getByRole("button", { name: "Another file" }).click();
  await drop(page, "own-columns.csv");
  await expect.poll(() => page.getByLabel("Column for provider").innerText()).toContain("always azure");
  await page.getByRole("button", { name: "Import", exact: true }).click();
  await page.getByText("2 known before").first().waitFor({ timeout: 30_000 });
});
