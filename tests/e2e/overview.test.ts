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

describe("the overview", () => {
  it("arrives with its numbers before any script runs, and is live after", async () => {
    const stack = await testStack();
    const organization = await makeOrganization(stack, { name: "Overview" });
    const { key } = await makeApiKey(stack, organization);
    await track(stack, key, [
      usageEvent({ feature: "chat" }),
      usageEvent({ model: "gpt-4o", input_tokens: 400_000, feature: "search" }),
      usageEvent({ provider: "acme", model: "no-such-model", input_tokens: 10 }),
    ]);

    const page = await openPage(browser);
    await openScreen(stack, page, organization, organization.owner, "overview?range=7d");

    // The same page as the server sends it: $0.15 per million in for gpt-4o-mini, $2.50 for gpt-4o.
    const cookies = (await page.context().cookies()).map(({ name, value }) => `${name}=${value}`).join("; ");
    const html = await (await fetch(`${stack.siteUrl}/${organization.slug}/overview?range=7d`, { headers: { cookie: cookies } })).text();
    expect(html).toContain("$1.15");
    expect(html).toContain("gpt-4o-mini");
    expect(html).toContain("33.3\u00a0% unpriced");
    expect(html).toMatch(/<path[^>]+fill="var\(--chart-\d\)"/);

    const today = page.getByText("Spend today").locator("xpath=ancestor::div[1]");
    await eventually(() => shownText(today)).toContain("$1.15");
    await page.getByText("1 request this month has no price").waitFor();
    await expectAccessible(page);

    const sentAt = Date.now();
    await track(stack, key, [usageEvent({ input_tokens: 20_000_000, model: "gpt-4o-mini" })]);
    await eventually(() => shownText(today), 5000).toContain("$4.15");
    expect(Date.now() - sentAt).toBeLessThan(5000);
  });

  it("keeps still what is under the pointer and collects what is new", async () => {
    const stack = await testStack();
    const organization = await makeOrganization(stack, { name: "Ticker" });
    const { key } = await makeApiKey(stack, organization);
    await track(stack, key, [usageEvent({ feature: "early" })]);
    const page = await openPage(browser);
    await openScreen(stack, page, organization, organization.owner, "overview");
    const list = page.getByRole("list").filter({ hasText: "early" }).last();
    await untilLive(page);
    await list.hover();
    await track(stack, key, [usageEvent({ feature: "late" }), usageEvent({ feature: "late" })]);
    const fresh = page.getByRole("button", { name: "2 new requests" });
    await fresh.waitFor({ timeout: 30_000 });
    expect(await shownText(list)).not.toContain("late");
    await fresh.click();
    await eventually(() => shownText(list)).toContain("late");
  });

  it("reads its chart aloud by arrow keys, as a table, and splits by what is chosen", async () => {
    const stack = await testStack();
    const organization = await makeOrganization(stack, { name: "Chart" });
    const { key } = await makeApiKey(stack, organization);
    await track(stack, key, [usageEvent({ feature: "chat" }), usageEvent({ feature: "مساعد" })]);
    const page = await openPage(browser);
    await openScreen(stack, page, organization, organization.owner, "overview?range=today");
    const chart = page.getByRole("group", { name: /^Cost per hour by model/ });
    await chart.focus();
    await page.keyboard.press("Home");
    const live = chart.locator("[aria-live]");
    expect(await shownText(live)).toMatch(/, 00:00–01:00 UTC: \$/);
    await page.keyboard.press("ArrowRight");
    await eventually(() => shownText(live)).toMatch(/, 01:00–02:00 UTC: \$/);
    await page.getByRole("radio", { name: "Feature" }).click();
    await page.waitForURL(/by=feature/);
    await page.getByRole("button", { name: "View as table" }).click();
    await page.getByRole("columnheader", { name: "مساعد" }).waitFor();
    await page.goBack();
    await eventually(() => page.url()).not.toContain("by=feature");
  });

  it.each(["light", "dark"] as const)("copies its chart as a picture in the %s colours of the screen", async (colorScheme) => {
    const stack = await testStack();
    const organization = await makeOrganization(stack, { name: "Picture" });
    const { key } = await makeApiKey(stack, organization);
    await track(stack, key, [usageEvent(), usageEvent({ model: "gpt-4o" })]);
    const page = await openPage(browser, { colorScheme, permissions: ["clipboard-read", "clipboard-write"] });
    await openScreen(stack, page, organization, organization.owner, "overview?range=7d");
    await untilLive(page);
    await page.getByRole("button", { name: "Copy as PNG" }).click();
    await page.getByText("Copied as PNG", { exact: true }).waitFor();
    const seen = await page.evaluate(async () => {
      const [item] = await navigator.clipboard.read();
      const bitmap = await createImageBitmap((await item?.getType("image/png")) as Blob);
      const context = new OffscreenCanvas(bitmap.width, bitmap.height).getContext("2d") as OffscreenCanvasRenderingContext2D;
      context.drawImage(bitmap, 0, 0);
      const { data } = context.getImageData(0, 0, bitmap.width, bitmap.height);
      const colors = new Set<string>();
      for (let at = 0; at < data.length; at += 4) colors.add(`${data[at]},${data[at + 1]},${data[at + 2]},${data[at + 3]}`);
      const probe = document.createElement("canvas").getContext("2d") as CanvasRenderingContext2D;
      const shapes = [...document.querySelectorAll('[aria-roledescription="chart"] svg path')];
      const wanted = [getComputedStyle(document.documentElement).backgroundColor, ...shapes.map((path) => getComputedStyle(path).fill)];
      const missing = wanted.filter((color) => {
        if (color === "none") return false;
        probe.fillStyle = color;
        probe.fillRect(0, 0, 1, 1);
        return !colors.has([...probe.getImageData(0, 0, 1, 1).data].join(","));
      });
      return { missing, fills: new Set(wanted).size, width: bitmap.width, corner: [...data.slice(0, 3)] };
    });
    expect(seen.missing).toEqual([]);
    expect(seen.fills).toBeGreaterThanOrEqual(3);
    expect(seen.width).toBeGreaterThan(1500);
    expect(Math.max(...seen.corner) < 60).toBe(colorScheme === "dark");
  });

  it.each([375, 768, 2560])("has nothing to scroll sideways at %d px, in the dark", async (width) => {
    const stack = await testStack();
    const organization = await makeOrganization(stack, { name: "N".repeat(80) });
    const { key } = await makeApiKey(stack, organization);
    await track(stack, key, [usageEvent({ feature: "f".repeat(80), model: `${"m".repeat(80)}` }), usageEvent({ feature: "🦊🚀" })]);
    const page = await openPage(browser, { viewport: { width, height: 900 }, colorScheme: "dark" });
    for (const path of ["overview?by=feature", "requests", "explore?by=feature"]) {
      await openScreen(stack, page, organization, organization.owner, path).catch(async () => {
        await page.goto(`${stack.siteUrl}/${organization.slug}/${path}`);
      });
      await page.getByText("🦊🚀").or(page.getByText("mmmm")).filter({ visible: true }).first().waitFor();
      expect(await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth), path).toBe(0);
      await expectAccessible(page);
    }
  });

  it("says what to do when there is nothing yet", async () => {
    const stack = await testStack();
    const organization = await makeOrganization(stack, { name: "Empty" });
    const page = await openPage(browser);
    await openScreen(stack, page, organization, organization.owner, "overview");
    await page.getByRole("link", { name: "Send the first event" }).waitFor();
    await expectAccessible(page);
  });
});
