import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, expect, it } from "vitest";
import { launchBrowser, openPage } from "../support/browser.ts";
import { makeApiKey, makeMember, makeOrganization } from "../support/people.ts";
import { openScreen, track, usageEvent } from "../support/screens.ts";
import { testStack } from "../support/stack.ts";

let browser: Browser;
beforeAll(async () => {
  browser = await launchBrowser();
});
afterAll(() => browser?.close());

/** Controls that leave the screen sideways, unless they stand in something that scrolls, and how far the page itself can be scrolled. */
function clipped(page: Page) {
  return page.evaluate(() => {
    const width = document.documentElement.clientWidth;
    const scrolls = (element: Element | null): boolean =>
      element !== null && (/auto|scroll/.test(getComputedStyle(element).overflowX) || scrolls(element.parentElement));
    const names = [...document.querySelectorAll("a, button, input, [role=combobox]")]
      .filter((control) => {
        const { left, right, width: room } = control.getBoundingClientRect();
        const isSeen = room > 2 && !control.matches(".sr-only") && getComputedStyle(control).visibility !== "hidden";
        return isSeen && (left < -0.5 || right > width + 0.5) && !scrolls(control.parentElement);
      })
      .map((control) => control.getAttribute("aria-label") ?? control.textContent);
    return { names, sideways: document.documentElement.scrollWidth - width };
  });
}

it("keeps every control on the screen at 200 % of 1280 pixels", async () => {
  const stack = await testStack();
  const organization = await makeOrganization(stack, { name: "Zoomed ".repeat(10).trim() });
  const { key } = await makeApiKey(stack, organization);
  const member = await makeMember(stack, organization, "member");
  await stack.sql`insert into public.teams (organization_id, slug, name) values (${organization.id}, 't', ${"Team ".repeat(15).trim()})`;
  await stack.sql`insert into public.projects (organization_id, slug, name) values (${organization.id}, 'p', ${"Project ".repeat(9).trim()})`;
  await track(stack, key, [usageEvent({ feature: "f".repeat(60) }), usageEvent({ provider: "acme", model: "m".repeat(60) })]);

  const page = await openPage(browser, { viewport: { width: 640, height: 450 }, deviceScaleFactor: 2 });
  await page.goto(stack.siteUrl);
  expect(await clipped(page)).toEqual({ names: [], sideways: 0 });
  await openScreen(stack, page, organization, organization.owner, "overview");
  const settings = ["organization", "members", "teams", "projects", "api-keys", "audit-log"].map((name) => `settings/${name}`);
  for (const path of ["overview", "requests", "explore", "explore?by=feature&measure=errors", "start", ...settings]) {
    await page.goto(`${stack.siteUrl}/${organization.slug}/${path}`);
    await page.getByRole("heading", { level: 1 }).waitFor();
    await page.waitForLoadState("networkidle");
    expect({ path, ...(await clipped(page)) }).toEqual({ path, names: [], sideways: 0 });
  }

  // Tables scroll inside themselves; what can be done with a row does not scroll away.
  for (const [path, name] of [
    ["settings/members", `Actions for ${member.email}`],
    ["settings/teams", /^Actions for Team/],
    ["settings/projects", /^Actions for Project/],
    ["settings/api-keys", /^Actions for/],
  ] as const) {
    await page.goto(`${stack.siteUrl}/${organization.slug}/${path}`);
    const box = await page.getByRole("button", { name }).first().boundingBox();
    expect(box && box.x >= 0 && box.x + box.width <= 640, path).toBe(true);
  }
});
