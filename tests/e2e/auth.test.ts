import { randomUUID } from "node:crypto";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { expectAccessible, launchBrowser, openPage } from "../support/browser.ts";
import { mailedLink } from "../support/mailbox.ts";
import { as, makeOrganization, makeUser } from "../support/people.ts";
import { openScreen } from "../support/screens.ts";
import { type TestStack, testStack } from "../support/stack.ts";

let browser: Browser;
let stack: TestStack;
beforeAll(async () => {
  browser = await launchBrowser();
  stack = await testStack();
});
afterAll(() => browser?.close());

const newAddress = () => `${randomUUID()}@example.com`;
const path = (page: Page) => new URL(page.url()).pathname;

async function fillSignUp(page: Page, email: string, password = "correct horse battery") {
  await page.getByLabel("Your name").fill("Ada Lovelace");
  await page.getByLabel("E-mail").fill(email);
  await page.getByLabel("Password").fill(password);
  await page.getByRole("button", { name: "Create account" }).click();
}

describe("a new person", () => {
  it("signs up, confirms by mail, makes an organization and signs out", async () => {
    const page = await openPage(browser, { timezoneId: "Europe/Berlin" });
    const email = newAddress();
    await page.goto(stack.siteUrl);
    await expectAccessible(page);
    await page.getByRole("link", { name: "Create an account" }).first().click();
    await page.waitForURL("**/signup");
    await expectAccessible(page);

    await page.getByRole("button", { name: "Create account" }).click();
    await page.getByText("Enter your name.").waitFor();
    expect(await page.getByLabel("Your name").getAttribute("aria-invalid")).toBe("true");
    expect(await page.evaluate(() => document.activeElement?.getAttribute("name"))).toBe("name");
    await fillSignUp(page, email, "short");
    await page.getByText("Take at least 10 characters.").waitFor();
    expect(await page.getByLabel("E-mail").inputValue()).toBe(email);

    await fillSignUp(page, email);
    await page.getByText("Check the inbox of").waitFor();
    await page.goto(await mailedLink(stack, email, /confirm/i));
    await page.waitForURL("**/new");
    await expectAccessible(page);
    await page.getByRole("combobox", { name: "Time zone" }).getByText("Europe/Berlin").waitFor();
    const name = `Ünïted ${randomUUID().slice(0, 8)}`;
    await page.getByLabel("Name").fill(name);
    await page.getByRole("button", { name: "Create organization" }).click();
    await page.waitForURL("**/start", { timeout: 60_000 });
    const [made] = await stack.sql`select slug, time_zone from public.organizations where name = ${name}`;
    expect(made).toMatchObject({ time_zone: "Europe/Berlin" });
    expect(path(page)).toBe(`/${made?.slug}/start`);

    await page.goto(`${stack.siteUrl}/${made?.slug}/settings/organization`);
    await page.getByRole("button", { name: /^Account/ }).click();
    await page.getByRole("menuitem", { name: "Sign out" }).click();
    await page.waitForURL("**/login");
    await page.goto(`${stack.siteUrl}/${made?.slug}/settings/teams?q=x`);
    expect(page.url()).toContain(`/login?next=${encodeURIComponent(`/${made?.slug}/settings/teams?q=x`)}`);
  });

  it("is told when a slug is taken or reserved, beside the field, and loses nothing typed", async () => {
    const taken = await makeOrganization(stack);
    const page = await openPage(browser);
    const person = await makeUser(stack);
    await page.goto(`${stack.siteUrl}/login?next=/new`);
    await page.getByLabel("E-mail").fill(person.email);
    await page.getByLabel("Password").fill(person.password);
    await page.getByRole("button", { name: "Sign in", exact: true }).click();
    await page.waitForURL("**/new");
    await page.getByLabel("Name").fill("Second");
    for (const slug of [taken.slug, "login", "Not A Slug"]) {
      await page.getByLabel("Address").fill(slug);
      await page.getByRole("button", { name: "Create organization" }).click();
      await expect.poll(() => page.getByLabel("Address").getAttribute("aria-invalid")).toBe("true");
      expect(await page.getByLabel("Name").inputValue()).toBe("Second");
    }
    expect(path(page)).toBe("/new");
  });
});

describe("signing in", () => {
  it("with a password returns to where the person was going, and nowhere else", async () => {
    const organization = await makeOrganization(stack);
    const page = await openPage(browser);
    await openScreen(stack, page, organization, organization.owner, "settings/members?role=owner");
    expect(page.url()).toBe(`${stack.siteUrl}/${organization.slug}/settings/members?role=owner`);

    const away = await openPage(browser);
    await away.goto(`${stack.siteUrl}/login?next=${encodeURIComponent("//evil.example/x")}`);
    await expectAccessible(away);
    await away.getByLabel("E-mail").fill(organization.owner.email);
    await away.getByLabel("Password").fill("wrong password");
    await away.getByRole("button", { name: "Sign in", exact: true }).click();
    await away.getByText("E-mail or password is wrong.").waitFor();
    await expectAccessible(away);
    await away.getByLabel("Password").fill(organization.owner.password);
    await away.getByRole("button", { name: "Sign in", exact: true }).click();
    await away.waitForURL(`${stack.siteUrl}/${organization.slug}/overview`);
  });

  it("with a mailed link works once, and says the same to strangers", async () => {
    const organization = await makeOrganization(stack);
    const page = await openPage(browser);
    for (const email of [newAddress(), organization.owner.email]) {
      await page.goto(`${stack.siteUrl}/login`);
      await page.getByRole("button", { name: "Sign in with a mailed link instead" }).click();
      await page.getByLabel("E-mail").fill(email);
      await page.getByRole("button", { name: "Mail me a sign-in link" }).click();
      await page.getByText("If there is an account for it").waitFor();
    }
    const link = await mailedLink(stack, organization.owner.email, /sign/i);
    await page.goto(link);
    await page.waitForURL(`${stack.siteUrl}/${organization.slug}/overview`);
    const other = await openPage(browser);
    await other.goto(link);
    await other.getByText("That link was used already or has expired.").waitFor();
  });

  it("after a reset takes the new password and no longer the old one", async () => {
    const organization = await makeOrganization(stack);
    const page = await openPage(browser);
    await page.goto(`${stack.siteUrl}/reset`);
    await expectAccessible(page);
    await page.getByLabel("E-mail").fill(organization.owner.email);
    await page.getByRole("button", { name: "Mail me a link" }).click();
    await page.getByText("Check the inbox of").waitFor();
    await page.goto(await mailedLink(stack, organization.owner.email, /password/i));
    await page.waitForURL("**/reset/new");
    await expectAccessible(page);
    await page.getByLabel("New password").fill("a whole new phrase");
    await page.getByRole("button", { name: "Set password" }).click();
    await page.waitForURL(`${stack.siteUrl}/${organization.slug}/overview`);

    const again = await openPage(browser);
    await again.goto(`${stack.siteUrl}/login`);
    await again.getByLabel("E-mail").fill(organization.owner.email);
    await again.getByLabel("Password").fill(organization.owner.password);
    await again.getByRole("button", { name: "Sign in", exact: true }).click();
    await again.getByText("E-mail or password is wrong.").waitFor();
    await again.getByLabel("Password").fill("a whole new phrase");
    await again.getByRole("button", { name: "Sign in", exact: true }).click();
    await again.waitForURL(`${stack.siteUrl}/${organization.slug}/overview`);
  });
});

describe("an invitation", () => {
  async function invite(email: string, role = "viewer") {
    const organization = await makeOrganization(stack, { name: "Inviting <b>party</b>" });
    const [made] = await as(
      stack,
      organization.owner,
      (tx) => tx<{ token: string }[]>`select token from public.create_invitation(${organization.id}, ${email}, ${role})`,
    );
    return { organization, url: `${stack.siteUrl}/invite/${made?.token}` };
  }

  it("takes somebody without an account through sign-up and back into the organization", async () => {
    const email = newAddress();
    const { organization, url } = await invite(email);
    const page = await openPage(browser);
    await page.goto(url);
    await page.getByRole("heading", { name: "Join Inviting <b>party</b>" }).waitFor();
    expect(await page.content()).not.toContain(email);
    await expectAccessible(page);
    await page.getByRole("link", { name: "Create an account and join" }).click();
    await page.waitForURL("**/signup?next=**");
    await fillSignUp(page, email);
    await page.getByText("Check the inbox of").waitFor();
    await page.goto(await mailedLink(stack, email, /confirm/i));
    await page.waitForURL(url);
    await page.getByRole("button", { name: /^Join/ }).click();
    await page.waitForURL(`${stack.siteUrl}/${organization.slug}/overview`);

    await page.goto(url);
    await page.getByText("This invitation has been used.").waitFor();
  });

  it("refuses another address, an unknown token and an ended one, and says what to do", async () => {
    const { organization, url } = await invite(newAddress());
    const other = await makeOrganization(stack);
    const page = await openPage(browser);
    await openScreen(stack, page, other, other.owner, "settings/organization");
    await page.goto(url);
    await page.getByRole("button", { name: /^Join/ }).click();
    await page.getByText("This invitation is for another e-mail address.").waitFor();
    await expectAccessible(page);
    await stack.sql`update public.invitations set revoked_at = now() where organization_id = ${organization.id}`;
    await page.goto(url);
    await page.getByText("This invitation was taken back.").waitFor();
    await page.goto(`${stack.siteUrl}/invite/${"x".repeat(43)}`);
    await page.getByText("This link does not work").waitFor();
    await expectAccessible(page);
  });
});

describe("what nobody may see", () => {
  it("a foreign organization and a missing one are the same page", async () => {
    const [mine, foreign] = [await makeOrganization(stack), await makeOrganization(stack)];
    const page = await openPage(browser);
    await openScreen(stack, page, mine, mine.owner, "settings/organization");
    const seen = [];
    for (const slug of [foreign.slug, `t-${randomUUID()}`]) {
      const response = await page.goto(`${stack.siteUrl}/${slug}/overview`);
      seen.push([response?.status(), await page.locator("main").innerText(), await page.title()]);
    }
    expect(seen[0]).toEqual(seen[1]);
    expect(seen[0]?.[0]).toBe(404);
    await expectAccessible(page);
  });

  it("carries headers that keep pages private, unframed and free of foreign scripts", async () => {
    const response = await fetch(`${stack.siteUrl}/login`);
    const policy = response.headers.get("content-security-policy") ?? "";
    expect(policy).toContain("frame-ancestors 'none'");
    expect(policy).toMatch(/script-src 'self' 'nonce-[0-9a-f]{32}' 'strict-dynamic'(;|$)/);
    expect(response.headers.get("cache-control")).toMatch(/no-store/);
    expect(response.headers.get("x-content-type-options")).toBe("nosniff");
    expect(response.headers.get("x-powered-by")).toBeNull();
    expect((await fetch(`${stack.siteUrl}/login`)).headers.get("content-security-policy")).not.toBe(policy);
  });
});
