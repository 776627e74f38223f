import { randomUUID } from "node:crypto";
import type { Locator, Page } from "playwright-core";
import { expect } from "vitest";
import type { Organization, Person } from "./people.ts";
import type { TestStack } from "./stack.ts";

type EventFields = Record<string, unknown>;

/** One usage event that happened just now, unless told otherwise. */
export function usageEvent(fields: EventFields = {}): EventFields {
  return {
    request_id: `req-${randomUUID()}`,
    timestamp: new Date(Date.now() - 1000).toISOString(),
    provider: "openai",
    model: "gpt-4o-mini",
    input_tokens: 1_000_000,
    output_tokens: 0,
    latency_ms: 800,
    ...fields,
  };
}

/** Sends events through the product's own door and expects all of them to land. */
export async function track(stack: TestStack, key: string, events: readonly EventFields[]): Promise<void> {
  const response = await fetch(`${stack.siteUrl}/api/sdk/v1/track`, {
    method: "POST",
    headers: { authorization: `Bearer ${key}`, "content-type": "application/json" },
    body: JSON.stringify({ events }),
  });
  const answer = (await response.json()) as { accepted?: number; rejected?: unknown[] };
  if (answer.accepted !== events.length) throw new Error(`${response.status} ${JSON.stringify(answer)}`);
}

/** Signs a person in through the form and opens a page of the organization. */
export async function openScreen(
  stack: TestStack,
  page: Page,
  organization: Pick<Organization, "slug">,
  person: Person,
  path: string,
): Promise<void> {
  const target = `/${organization.slug}/${path}`;
  await page.goto(`${stack.siteUrl}/login?next=${encodeURIComponent(target)}`);
  await page.getByLabel("E-mail").fill(person.email);
  await page.getByLabel("Password").fill(person.password);
  await page.getByRole("button", { name: "Sign in", exact: true }).click();
  await page.waitForURL((url) => url.pathname === target.split("?")[0], { timeout: 60_000 });
}

/** Waits until the page's scripts run and its live channel is open. */
export async function untilLive(page: Page): Promise<void> {
  await page.getByRole("button", { name: /^(Live|Idle)\./ }).waitFor({ timeout: 30_000 });
}

/** What a person reads there: cells and lines apart, hidden text left out. */
export async function shownText(locator: Locator): Promise<string> {
  return (await locator.allInnerTexts()).join("\n");
}

/** Asks again until the matcher holds: screens fill when they fill, and a machine under load takes its time. */
export function eventually<T>(ask: () => T, timeout = 20_000) {
  return expect.poll(ask, { timeout, interval: 50 });
}
