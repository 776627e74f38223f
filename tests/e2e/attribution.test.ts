import type { Browser } from "playwright-core";
import { afterAll, beforeAll, expect, it } from "vitest";
import { event, send } from "../../supabase/tests/usage-sending.ts";
import { expectAccessible, launchBrowser, openPage } from "../support/browser.ts";
import { as, makeApiKey, makeOrganization } from "../support/people.ts";
import { openScreen } from "../support/screens.ts";
import { type TestStack, testStack } from "../support/stack.ts";

let browser: Browser;
let stack: TestStack;
beforeAll(async () => {
  browser = await launchBrowser();
  stack = await testStack();
});
afterAll(() => browser?.close());

it("is tried on history, saved, and applied to history with the totals as they were", async () => {
  const organization = await makeOrganization(stack);
  const key = await makeApiKey(stack, organization, { scopes: ["ingest"] });
  await as(
    stack,
    organization.owner,
    (tx) => tx`insert into public.teams (organization_id, slug, name) values (${organization.id}, 'search', 'Search people')`,
  );
  await send(stack, key, [...Array(3).keys()].map(() => event({ feature: "search-web" })).concat(event({ feature: "chat" })));
  const page = await openPage(browser, { viewport: { width: 375, height: 900 } });
  await openScreen(stack, page, organization, organization.owner, "settings/attribution");
  await page.getByRole("button", { name: "Create rule" }).first().click();
  const dialog = page.getByRole("dialog");
  await dialog.getByLabel("Name").fill("Search");
  await dialog.getByRole("button", { name: "Create rule" }).click();
  await dialog.getByText("Choose a team or a project").waitFor();
  await dialog.getByLabel("Feature").fill("search-*");
  await dialog.getByLabel("Belongs to team").click();
  await page.getByRole("option", { name: "Search people" }).click();
  await dialog.getByRole("button", { name: "Try on the last 30 days" }).click();
  await dialog.getByText("(3 requests)").waitFor();
  await expectAccessible(page);
  await dialog.getByRole("button", { name: "Create rule" }).click();
  await page.getByText("feature is search-*").waitFor();
  await page.getByRole("cell", { name: "Search people" }).waitFor();
  await page.getByRole("button", { name: "Apply to history…" }).click();
  await page.getByRole("button", { name: "Apply to 3 requests" }).click();
  await page.getByText("Done: 3 requests").waitFor();
  await expectAccessible(page);
  const moved = await stack.sql<{ team: string | null; count: number }[]>`
    select t.slug as team, count(*)::int from private.usage_records r left join public.teams t on t.id = r.team_id
    where r.organization_id = ${organization.id} group by 1 order by 2`;
  expect([...moved]).toEqual([
    { team: null, count: 1 },
    { team: "search", count: 3 },
  ]);
});
