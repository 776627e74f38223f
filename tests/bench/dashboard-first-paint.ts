import { join } from "node:path";
import { createServerClient } from "@supabase/ssr";
import type { Sql } from "postgres";
import { formatMoneyExact } from "../../lib/core/money.ts";
import { startServer } from "../../scripts/server.ts";
import { freePort } from "../../supabase/local/free-port.ts";
import type { Stack } from "../../supabase/local/stack-types.ts";
import type { Person } from "../support/people.ts";

type Page = { stack: Stack; sql: Sql; logDir: string; person: Person; organization: { id: string; slug: string } };

/** Signs in over HTTP and returns the cookies that a browser would then hold. */
async function cookiesOf({ stack, person }: Page): Promise<string> {
  const jar = new Map<string, string>();
  const client = createServerClient(stack.supabaseUrl, stack.publishableKey, {
    cookies: {
      getAll: () => [...jar].map(([name, value]) => ({ name, value })),
      setAll: (entries) => {
        for (const { name, value } of entries) jar.set(name, value);
      },
    },
  });
  const { error } = await client.auth.signInWithPassword({ email: person.email, password: person.password });
  if (error) throw error;
  const deadline = performance.now() + 5_000;
  while (jar.size === 0 && performance.now() < deadline) await new Promise((resolve) => setImmediate(resolve));
  if (jar.size === 0) throw new Error("Signing in set no cookie.");
  return [...jar].map(([name, value]) => `${name}=${value}`).join("; ");
}

/** This month's cost as every digit of it stands on the page, summed from the records alone. */
async function monthOnPage({ sql, organization }: Page): Promise<string> {
  const [month] = await sql<{ cost: string }[]>`
    select trim_scale(coalesce(sum(r.cost), 0))::text as cost from private.usage_records r
    where r.organization_id = ${organization.id} and r."timestamp" >= date_trunc('month', now(), 'UTC')`;
  return formatMoneyExact(month!.cost);
}

/** Milliseconds from sending the request until the HTML with this text in it has arrived; reads on to the end. Throws when it never comes. */
async function untilSeen(url: string, cookie: string, wanted: string): Promise<number> {
  const startedAt = performance.now();
  const answer = await fetch(url, { headers: { cookie }, redirect: "manual", signal: AbortSignal.timeout(30_000) });
  if (answer.status !== 200 || !answer.body) throw new Error(`${url} answers ${answer.status}`);
  let html = "";
  let took: number | null = null;
  for await (const text of answer.body.pipeThrough(new TextDecoderStream())) {
    html += text;
    if (took === null && html.includes(wanted)) took = performance.now() - startedAt;
  }
  if (took === null) throw new Error(`Overview arrived without this month's cost, ${wanted}`);
  return took;
}

/**
 * Overview as its reader waits for it: the built product in a process of its own on this database, a member signed in with a password,
 * the page requested with their cookies over a kept connection, one request after the other. Measured is the time from sending the
 * request until the chunk of HTML has arrived in which this month's cost stands as text, to the last digit: everything a browser needs
 * to paint the page with its numbers, before any script of it runs. The browser's own layout is not in it. Milliseconds, one per
 * request; a page without that number throws.
 */
export async function measureFirstPaint(page: Page, warmUps: number, times: number): Promise<number[]> {
  const port = await freePort();
  const { stack } = page;
  const origin = `http://127.0.0.1:${port}`;
  const server = await startServer(
    {
      PORT: String(port),
      SITE_URL: origin,
      SUPABASE_URL: stack.supabaseUrl,
      SUPABASE_PUBLISHABLE_KEY: stack.publishableKey,
      SUPABASE_SECRET_KEY: stack.secretKey,
      DATABASE_URL: stack.databaseUrl,
      LOG_LEVEL: "warn",
    },
    [],
    join(page.logDir, "first-paint.log"),
  );
  try {
    const [cookie, wanted] = [await cookiesOf(page), await monthOnPage(page)];
    const took: number[] = [];
    for (let run = 0; run < warmUps + times; run++) {
      took.push(await untilSeen(`${origin}/${page.organization.slug}/overview`, cookie, wanted));
    }
    return took.slice(warmUps);
  } finally {
    await server.stop();
  }
}
