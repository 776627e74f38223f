import { readFile } from "node:fs/promises";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { expectAccessible, launchBrowser, openPage } from "../support/browser.ts";
import { makeMember, makeOrganization } from "../support/people.ts";
import { openScreen } from "../support/screens.ts";
import { type TestStack, testStack } from "../support/stack.ts";

let browser: Browser;
let stack: TestStack;
beforeAll(async () => {
  browser = await launchBrowser();
  stack = await testStack();
});
afterAll(() => browser?.close());

const pages = [
  "organization",
  "members",
  "teams",
  "projects",
  "attribution",
  "prices",
  "api-keys",
  "connections",
  "reconciliation",
  "imports",
  "audit-log",
];
/** What a viewer may open. */
const forViewers = ["organization", "prices"];

async function csvOf(page: Page): Promise<string> {
  const [download] = await Promise.all([page.waitForEvent("download"), page.getByRole("button", { name: "CSV" }).first().click()]);
  return readFile(await download.path(), "utf8");
}

describe("every settings page", () => {
  it.each([
    { width: 1280, colorScheme: "light" as const },
    { width: 375, colorScheme: "dark" as const },
  ])("is accessible and fits at $width px, $colorScheme", async ({ width, colorScheme }) => {
    const organization = await makeOrganization(stack, {
      name: "منظمة طويلة الاسم 🚀 with a name of almost eighty characters, which is a lot",
    });
    const page = await openPage(browser, { viewport: { width, height: 900 }, colorScheme });
    await openScreen(stack, page, organization, organization.owner, "settings");
    for (const name of pages) {
      await page.goto(`${stack.siteUrl}/${organization.slug}/settings/${name}`);
      await page.getByRole("heading", { level: 1 }).waitFor();
      await expectAccessible(page);
      expect(await page.evaluate(() => document.documentElement.scrollWidth), name).toBeLessThanOrEqual(width);
    }
  });

  it("shows a viewer only what a viewer may read, and says so elsewhere", async () => {
    const organization = await makeOrganization(stack);
    const viewer = await makeMember(stack, organization, "viewer");
    const page = await openPage(browser);
    await openScreen(stack, page, organization, viewer, "settings/organization");
    expect(await page.getByRole("navigation", { name: "Settings" }).getByRole("link").allInnerTexts()).toEqual(["Organization", "Prices"]);
    expect(await page.getByRole("button", { name: "Save" }).count()).toBe(0);
    expect(await page.getByRole("button", { name: "Delete…" }).count()).toBe(0);
    for (const name of pages.filter((page) => !forViewers.includes(page))) {
      await page.goto(`${stack.siteUrl}/${organization.slug}/settings/${name}`);
      await page.getByText("Your role does not include").waitFor();
    }
    await expectAccessible(page);
    await page.goto(`${stack.siteUrl}/${organization.slug}/settings/organization`);
    await page.getByRole("button", { name: "Leave…" }).click();
    await page.getByRole("alertdialog").getByRole("button", { name: "Leave" }).click();
    await page.waitForURL("**/new");
  });
});

describe("members", () => {
  it("are invited by a link shown once, change role with undo, and are removed", async () => {
    const organization = await makeOrganization(stack);
    const member = await makeMember(stack, organization, "member");
    const page = await openPage(browser);
    await openScreen(stack, page, organization, organization.owner, "settings/members");
    await page.getByRole("button", { name: "Invite" }).click();
    const dialog = page.getByRole("dialog");
    await dialog.getByLabel("E-mail").fill("no address");
    await dialog.getByRole("button", { name: "Create invitation" }).click();
    await dialog.getByText("Type an e-mail address.").waitFor();
    await dialog.getByLabel("E-mail").fill("Grace.Hopper@Example.com");
    await dialog.getByRole("button", { name: "Create invitation" }).click();
    const link = ((await dialog.getByTestId("invitation-link").textContent()) ?? "").trim();
    expect(link).toMatch(new RegExp(`^${stack.siteUrl}/invite/[A-Za-z0-9_-]{43}$`));
    await expectAccessible(page);
    await dialog.getByRole("button", { name: "Done" }).click();
    await page.getByRole("cell", { name: "grace.hopper@example.com", exact: true }).waitFor();
    expect(await page.content()).not.toContain(link.split("/").at(-1));

    const roleOf = async () =>
      (
        await stack.sql`select role from public.organization_members where organization_id = ${organization.id} and user_id = ${member.id}`
      )[0]?.role;
    await page.getByRole("combobox", { name: `Role of ${member.email}` }).click();
    await page.getByRole("option", { name: /Admin/ }).click();
    await expect.poll(roleOf).toBe("admin");
    await page.getByRole("button", { name: "Undo" }).click();
    await expect.poll(roleOf).toBe("member");

    await page.getByRole("button", { name: "Revoke the invitation of grace.hopper@example.com" }).click();
    await page.getByRole("button", { name: "Take back" }).click();
    await page.getByText("Nobody is invited at the moment.").waitFor();

    await page.getByRole("button", { name: `Actions for ${member.email}` }).click();
    await page.getByRole("menuitem", { name: /Remove/ }).click();
    await expectAccessible(page);
    await page.getByRole("alertdialog").getByRole("button", { name: "Remove" }).click();
    await expect.poll(roleOf).toBeUndefined();
  });

  it("cannot lose their last owner, and say so", async () => {
    const organization = await makeOrganization(stack);
    const page = await openPage(browser);
    await openScreen(stack, page, organization, organization.owner, "settings/members");
    await page.getByText("the only one").waitFor();
    await page.getByRole("button", { name: `Actions for ${organization.owner.email}` }).click();
    await page.getByRole("menuitem", { name: /Leave/ }).click();
    await page.getByRole("alertdialog").getByRole("button", { name: "Leave" }).click();
    await page.getByText("An organization needs an owner").waitFor();
  });
});

describe("teams and projects", () => {
  it("are made, bound, filtered by the address, exported without formulas, and deleted", async () => {
    const organization = await makeOrganization(stack);
    const page = await openPage(browser);
    await openScreen(stack, page, organization, organization.owner, "settings/teams?create=1");
    const dialog = page.getByRole("dialog");
    await dialog.getByLabel("Name").fill("=HYPERLINK(1) Płatności");
    expect(await dialog.getByLabel("Slug").inputValue()).toBe("hyperlink-1-p-atnosci");
    await dialog.getByRole("button", { name: "Create team" }).click();
    await page.getByRole("table").getByText("=HYPERLINK(1) Płatności").waitFor();
    expect(await csvOf(page)).toContain("'=HYPERLINK(1) Płatności");

    await page.getByRole("button", { name: "Create team" }).click();
    await dialog.getByLabel("Name").fill("Other");
    await dialog.getByLabel("Slug").fill("hyperlink-1-p-atnosci");
    await dialog.getByRole("button", { name: "Create team" }).click();
    await dialog.getByText("This slug is taken by another team.").waitFor();
    await page.keyboard.press("Escape");

    await page.goto(`${stack.siteUrl}/${organization.slug}/settings/projects?create=1`);
    await dialog.getByLabel("Name").fill("Support bot");
    await dialog.getByLabel("Team").click();
    await page.getByRole("option", { name: /HYPERLINK/ }).click();
    await dialog.getByRole("button", { name: "Create project" }).click();
    await page.getByRole("table").getByText("Support bot").waitFor();
    await page.goto(`${stack.siteUrl}/${organization.slug}/settings/projects?team=none`);
    await page.getByText("Nothing matches this filter.").waitFor();
    await expectAccessible(page);
    await page.getByRole("button", { name: "Clear the filter" }).click();
    await page.getByRole("table").getByText("Support bot").waitFor();

    await page.goto(`${stack.siteUrl}/${organization.slug}/settings/teams`);
    await page
      .getByRole("button", { name: /HYPERLINK/ })
      .first()
      .click();
    await page.getByRole("checkbox").click();
    await expect
      .poll(async () => (await stack.sql`select from public.team_members where organization_id = ${organization.id}`).length)
      .toBe(1);
    await page.keyboard.press("Escape");
    await page.getByRole("button", { name: /^Actions for/ }).click();
    await page.getByRole("menuitem", { name: "Delete" }).click();
    await page.getByRole("button", { name: "Delete team" }).click();
    await page.getByText("No teams yet").waitFor();
  });
});

describe("API keys and the audit log", () => {
  it("show a key once, rotate it with overlap, revoke it, and tell all of it later", async () => {
    const organization = await makeOrganization(stack);
    const page = await openPage(browser);
    await openScreen(stack, page, organization, organization.owner, "settings/api-keys");
    await page.getByRole("button", { name: "Create API key" }).first().click();
    const dialog = page.getByRole("dialog");
    await dialog.getByLabel("Name").fill("Checkout");
    await dialog.getByLabel("Environment").fill("production");
    await dialog.getByRole("checkbox", { name: "Ingest" }).click();
    await dialog.getByRole("button", { name: "Create key" }).click();
    await dialog.getByText("Choose at least one scope.").waitFor();
    await dialog.getByRole("checkbox", { name: "Ingest" }).click();
    await dialog.getByLabel("Expires").click();
    await page.getByRole("option", { name: "In 90 days" }).click();
    await dialog.getByRole("button", { name: "Create key" }).click();
    const first = (await dialog.getByTestId("api-key").innerText()).trim();
    expect(first).toMatch(/^tt_live_[A-Za-z0-9_-]{43}$/);
    await expectAccessible(page);
    await dialog.getByRole("button", { name: "I have saved it" }).click();
    await page.getByRole("cell", { name: "Checkout", exact: true }).waitFor();
    await page.reload();
    await page.getByRole("cell", { name: "Checkout", exact: true }).waitFor();
    expect(await page.content()).not.toContain(first);

    await page.getByRole("button", { name: "Actions for Checkout" }).click();
    await page.getByRole("menuitem", { name: "Rotate" }).waitFor();
    await expectAccessible(page);
    await page.getByRole("menuitem", { name: "Rotate" }).click();
    await dialog.getByRole("button", { name: "Rotate key" }).click();
    await dialog.getByText("The old key works until").waitFor();
    expect((await dialog.getByTestId("api-key").innerText()).trim()).not.toBe(first);
    await dialog.getByRole("button", { name: "I have saved it" }).click();

    await page.getByRole("button", { name: "Actions for Checkout" }).click();
    await page.getByRole("menuitem", { name: "Revoke" }).click();
    await page.getByText("It sent nothing in the last 24 hours.").waitFor();
    await expectAccessible(page);
    await page.getByRole("button", { name: "Revoke key" }).click();
    await page.getByRole("cell", { name: "Revoked", exact: true }).waitFor();

    await page.goto(`${stack.siteUrl}/${organization.slug}/settings/audit-log`);
    for (const action of ["API key created", "API key rotated", "API key revoked", "Organization created"]) {
      await page.getByRole("cell", { name: action, exact: true }).waitFor();
    }
    await page.getByRole("button", { name: "Details: API key created Checkout" }).click();
    await page.getByText("production").waitFor();
    await expectAccessible(page);
    await page.keyboard.press("Escape");
    await page.evaluate(() => (document.activeElement as HTMLElement | null)?.blur());
    await page.keyboard.press("/");
    await page.keyboard.type("rotated");
    await expect.poll(() => page.getByRole("cell", { name: "API key created", exact: true }).count()).toBe(0);
    expect(new URL(page.url()).searchParams.get("q")).toBe("rotated");
    const csv = await csvOf(page);
    expect(csv.trim().split("\r\n")).toHaveLength(2);
    expect(csv).toContain("api_key.rotated");
    expect(csv).not.toContain(first);
  });

  it("pages the log by keyset without gaps or repeats", async () => {
    const organization = await makeOrganization(stack);
    await stack.sql`insert into public.teams (organization_id, slug, name) select ${organization.id}, 'team-' || n, 'Team ' || n from generate_series(1, 120) n`;
    const page = await openPage(browser);
    await openScreen(stack, page, organization, organization.owner, "settings/audit-log?entity=team");
    await page.getByText("First 50 entries shown").waitFor();
    await page.getByRole("button", { name: "Load more" }).click();
    await page.getByText("First 100 entries shown").waitFor();
    await page.getByRole("button", { name: "Load more" }).click();
    await page.getByText("That is all: 120 shown").waitFor();
    const rows = (await csvOf(page)).trim().split("\r\n").slice(1);
    expect(new Set(rows.map((row) => row.split(",")[5])).size).toBe(120);
  });
});

describe("the organization", () => {
  it("changes name and zone, and is deleted only when its slug is typed", async () => {
    const organization = await makeOrganization(stack);
    const page = await openPage(browser);
    await openScreen(stack, page, organization, organization.owner, "settings/organization");
    await page.getByLabel("Name").fill("Renamed");
    await page.getByRole("combobox", { name: "Time zone" }).click();
    await page.keyboard.type("kolkata");
    await page
      .getByRole("option", { name: /Kolkata|Calcutta/ })
      .first()
      .waitFor();
    await page.keyboard.press("Enter");
    await page.getByRole("button", { name: "Save" }).click();
    await page.getByText("Saved").first().waitFor();
    await expect.poll(() => page.getByRole("button", { name: /^Organization: Renamed/ }).count()).toBe(1);
    expect((await stack.sql`select time_zone from public.organizations where id = ${organization.id}`)[0]?.time_zone).toMatch(
      /Kolkata|Calcutta/,
    );

    await page.getByRole("button", { name: "Delete…" }).click();
    const dialog = page.getByRole("alertdialog");
    const confirm = dialog.getByRole("button", { name: "Delete for good" });
    await dialog.getByRole("textbox").fill("renamed");
    expect(await confirm.isDisabled()).toBe(true);
    await dialog.getByRole("textbox").fill(organization.slug);
    await confirm.click();
    await page.waitForURL("**/new", { timeout: 60_000 });
    expect(await stack.sql`select from public.organizations where id = ${organization.id}`).toHaveLength(0);
  });
});

describe("the keyboard", () => {
  it("jumps, searches, lists its keys, and can be told to leave single keys alone", async () => {
    const organization = await makeOrganization(stack);
    const page = await openPage(browser);
    await openScreen(stack, page, organization, organization.owner, "settings/teams");
    await page.getByRole("heading", { level: 1, name: "Teams" }).waitFor();
    await expect
      .poll(async () => {
        await page.keyboard.press("?");
        return page.getByRole("dialog", { name: "Keyboard shortcuts" }).count();
      })
      .toBe(1);
    await expectAccessible(page);
    await page.getByRole("switch", { name: "Single-key shortcuts" }).click();
    await page.keyboard.press("Escape");
    await page.keyboard.press("?");
    expect(await page.getByRole("dialog").count()).toBe(0);

    await page.keyboard.press("Control+k");
    await page.getByRole("dialog", { name: "Search and commands" }).waitFor();
    await expectAccessible(page);
    await page.keyboard.type("shortcuts");
    await page.keyboard.press("Enter");
    await page.getByRole("switch", { name: "Single-key shortcuts" }).click();
    await page.keyboard.press("Escape");
    await page.getByRole("dialog").waitFor({ state: "detached" });
    await page.keyboard.press("g");
    await page.keyboard.press("k");
    await page.waitForURL("**/settings/api-keys");
  });
});
