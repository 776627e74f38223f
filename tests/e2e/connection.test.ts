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

describe("a screen that loses its connection", () => {
  it("keeps what it shows, says since when, and catches up by itself", async () => {
    const stack = await testStack();
    const organization = await makeOrganization(stack, { name: "Offline" });
    const { key } = await makeApiKey(stack, organization);
    await track(stack, key, [usageEvent()]);
    const page = await openPage(browser);
    await openScreen(stack, page, organization, organization.owner, "overview");
    await untilLive(page);
    const today = page.getByText("Spend today").locator("xpath=ancestor::div[1]");
    await eventually(() => shownText(today)).toContain("$0.15");

    await page.context().setOffline(true);
    const notice = page.getByText(/You are offline\. Last updated \d\d:\d\d\./);
    await notice.waitFor();
    await page.getByRole("button", { name: /^Offline\./ }).waitFor();
    await track(stack, key, [usageEvent({ input_tokens: 20_000_000 })]);
    expect(await shownText(today)).toContain("$0.15");
    await expectAccessible(page);

    await page.context().setOffline(false);
    await eventually(() => shownText(today), 60_000).toContain("$3.15");
    await notice.waitFor({ state: "detached" });
    await untilLive(page);
  });

  it("says so when only the live connection is down, and listens again once it is back", async () => {
    const stack = await testStack();
    const organization = await makeOrganization(stack, { name: "Deaf" });
    const { key } = await makeApiKey(stack, organization);
    await track(stack, key, [usageEvent()]);
    const page = await openPage(browser);
    let isDown = false;
    const open = new Set<() => Promise<void>>();
    await page.routeWebSocket(/\/realtime\/v1\//, (socket) => {
      if (isDown) return socket.close({ code: 1011 });
      socket.connectToServer();
      open.add(() => socket.close({ code: 1011 }));
    });
    await openScreen(stack, page, organization, organization.owner, "overview");
    await untilLive(page);
    const today = page.getByText("Spend today").locator("xpath=ancestor::div[1]");
    await eventually(() => shownText(today)).toContain("$0.15");

    isDown = true;
    for (const close of open) await close();
    const notice = page.getByText(/The live connection is down\. Last updated \d\d:\d\d\./);
    await notice.waitFor();
    await track(stack, key, [usageEvent({ input_tokens: 20_000_000 })]);

    isDown = false;
    await eventually(() => shownText(today), 60_000).toContain("$3.15");
    await notice.waitFor({ state: "detached" });
    await untilLive(page);
  });

  it("shows the number that finds a failed question in the log, to copy, and asks again", async () => {
    const stack = await testStack();
    const organization = await makeOrganization(stack, { name: "Broken" });
    const { key } = await makeApiKey(stack, organization);
    await track(stack, key, [usageEvent({ request_id: "the-one" })]);
    const page = await openPage(browser, { permissions: ["clipboard-read", "clipboard-write"] });
    await openScreen(stack, page, organization, organization.owner, "requests");
    await untilLive(page);
    const sent = new Set<string | undefined>();
    let isBroken = true;
    await page.route("**/rest/v1/rpc/usage_request", async (route) => {
      sent.add(route.request().headers()["x-request-id"]);
      if (!isBroken) return route.continue();
      await route.fulfill({ status: 500, headers: { "access-control-allow-origin": "*" }, json: { code: "XX000", message: "internals" } });
    });
    await page.getByRole("button", { name: /^Open request/ }).click();
    const panel = page.getByRole("alert").filter({ hasText: "This request could not be loaded" });
    await panel.waitFor();
    expect(await shownText(panel)).not.toContain("internals");
    await panel.getByRole("button", { name: "Copy the id of what failed" }).click();
    const copied = await page.evaluate(() => navigator.clipboard.readText());
    expect(copied).toMatch(/^req_[0-9a-z]{26}$/);
    expect(sent).toContain(copied);
    await panel.getByText(/^req_[0-9a-z]{26}$/).waitFor();
    await expectAccessible(page);

    sent.clear();
    await panel.getByRole("button", { name: "Try again" }).click();
    await eventually(() => sent.size).toBeGreaterThan(0);
    isBroken = false;
    await panel.waitFor({ state: "detached" });
    await page.getByRole("dialog").getByText("the-one").first().waitFor();
  });
});
