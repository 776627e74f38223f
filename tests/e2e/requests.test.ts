import { readFile } from "node:fs/promises";
import type { Browser } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { expectAccessible, launchBrowser, openPage } from "../support/browser.ts";
import { makeApiKey, makeOrganization } from "../support/people.ts";
import { eventually, openScreen, shownText, track, untilLive, usageEvent } from "../support/screens.ts";
import { testStack } from "../support/stack.ts";

let browser: Browser;
beforeAll(async () => {
  browser = await launchBrowser();
});
afterAll(() => browser?.close());

describe("requests", () => {
  it("opens one request with a receipt whose lines sum to its cost, and gives the same page by its address", async () => {
    const stack = await testStack();
    const organization = await makeOrganization(stack, { name: "Receipts" });
    const { key } = await makeApiKey(stack, organization);
    const event = usageEvent({
      model: "gpt-4o",
      input_tokens: 1000,
      cached_input_tokens: 400,
      output_tokens: 77,
      metadata: { run: [1, 2] },
    });
    await track(stack, key, [event, usageEvent({ provider: "acme", model: "unknown-model" })]);
    const page = await openPage(browser);
    await openScreen(stack, page, organization, organization.owner, "requests");
    await untilLive(page);
    await page.getByRole("button", { name: new RegExp(`^Open request ${event.request_id}`) }).click();
    const panel = page.getByRole("dialog");
    const receipt = panel.getByRole("table");
    // gpt-4o: $2.50, cached $1.25, out $10 per million.
    await eventually(() => shownText(receipt)).toContain("$0.0015");
    expect(await shownText(receipt)).toMatch(/600\s+\$2\.50 \/ 1M\s+\$0\.0015\b/);
    expect(await shownText(receipt)).toMatch(/400\s+\$1\.25 \/ 1M\s+\$0\.0005\b/);
    expect(await shownText(receipt)).toMatch(/77\s+\$10\.00 \/ 1M\s+\$0\.00077\b/);
    expect(await shownText(receipt.locator("tfoot"))).toMatch(/Cost\s+\$0\.00277$/);
    expect(await shownText(panel)).toContain('"run"');
    await expectAccessible(page);

    await page.reload();
    await eventually(() => shownText(page.getByRole("dialog"))).toContain("$0.00277");
    await page.keyboard.press("Escape");
    await eventually(() => page.url()).not.toContain("request=");

    await page.goto(`${stack.siteUrl}/${organization.slug}/requests?request=not-there`);
    await page.getByText("No such request here").waitFor();
  });

  it("narrows by filters and search in the URL, and hands out exactly what it shows as CSV", async () => {
    const stack = await testStack();
    const organization = await makeOrganization(stack, { name: "Filters" });
    const { key } = await makeApiKey(stack, organization);
    await track(stack, key, [
      usageEvent({ model: "gpt-4o", status: "error", error_code: "rate_limit", feature: "=HYPERLINK(1)", user_id: "ann" }),
      usageEvent({ model: "gpt-4o", feature: "chat", user_id: "ben" }),
      usageEvent({ model: "gpt-4.1", status: "error", feature: "chat", user_id: "ann" }),
    ]);
    const page = await openPage(browser);
    await openScreen(stack, page, organization, organization.owner, "requests?status=error");
    await untilLive(page);
    const rows = page.getByRole("button", { name: /^Open request/ });
    await eventually(() => rows.count()).toBe(2);

    await page.getByRole("button", { name: "Filter", exact: true }).click();
    await page.getByRole("option", { name: "Model", exact: true }).click();
    await page.getByRole("option", { name: /^gpt-4o/ }).click();
    await page.waitForURL(/model=gpt-4o/);
    await page.keyboard.press("Escape");
    await eventually(() => rows.count()).toBe(1);

    const download = page.waitForEvent("download");
    await page.getByRole("button", { name: "CSV" }).click();
    const csv = await readFile((await (await download).path()) ?? "", "utf8");
    expect(csv.trim().split("\r\n")).toHaveLength(2);
    expect(csv).toContain(`"'=HYPERLINK(1)"`);

    await page.getByRole("button", { name: "Remove filter Status Error" }).click();
    await eventually(() => rows.count()).toBe(2);
    await page.goBack();
    await eventually(() => rows.count()).toBe(1);
    await page.goto(`${stack.siteUrl}/${organization.slug}/requests`);
    await untilLive(page);
    await page.keyboard.press("/");
    await page.keyboard.type("ann");
    await page.waitForURL(/q=ann/);
    await eventually(() => rows.count()).toBe(2);
    await page.keyboard.type("-nobody");
    await page.getByText("No request matches").waitFor();
    await expectAccessible(page);
  });

  it("pages by keyset without gaps or doubles while new requests keep coming", async () => {
    const stack = await testStack();
    const organization = await makeOrganization(stack, { name: "Pages" });
    const { key } = await makeApiKey(stack, organization);
    const base = Date.now() - 3_600_000;
    // Three in the same microsecond at every step: the id has to break the tie.
    const events = Array.from({ length: 120 }, (_, index) =>
      usageEvent({ timestamp: new Date(base + Math.floor(index / 3) * 1000).toISOString() }),
    );
    await track(stack, key, events);
    const page = await openPage(browser);
    await openScreen(stack, page, organization, organization.owner, "requests");
    await untilLive(page);
    const rows = page.getByRole("button", { name: /^Open request/ });
    await eventually(() => rows.count()).toBe(50);
    await track(stack, key, [usageEvent(), usageEvent()]);
    await page.getByRole("button", { name: "2 new requests" }).waitFor({ timeout: 30_000 });
    for (const expected of [100, 120]) {
      await page.getByRole("button", { name: "Load more" }).click();
      await eventually(() => rows.count()).toBe(expected);
    }
    const names = await rows.evaluateAll((buttons) => buttons.map((button) => button.getAttribute("aria-label")));
    expect(new Set(names).size).toBe(120);
    await page.getByRole("button", { name: "2 new requests" }).click();
    await eventually(() => rows.count()).toBe(50);
  });
});
