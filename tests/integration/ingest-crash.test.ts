import { readFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import postgres from "postgres";
import { afterAll, beforeAll, expect, it } from "vitest";
import { applySchemas } from "../../scripts/apply-schemas.ts";
import { freePort } from "../../supabase/local/free-port.ts";
import { type Stack, startStack } from "../../supabase/local/stack.ts";
import { loadPrices } from "../../supabase/seeds/prices.ts";
import { type DoorProcess, startDoorProcess } from "../support/door-process.ts";
import { differences, usageEvent } from "../support/ingest-cases.ts";
import { as, makeApiKey, makeOrganization } from "../support/people.ts";
import type { TestStack } from "../support/stack.ts";

/** A stack of its own, because this test kills its Postgres. */
let dataDir: string;
let stack: Stack;
let test: TestStack;
let doors: DoorProcess;
let port: number;

beforeAll(async () => {
  dataDir = await mkdtemp(join(tmpdir(), "tokentra-crash-"));
  port = await freePort();
  const siteUrl = `http://127.0.0.1:${port}`;
  stack = await startStack({ dataDir, siteUrl, persistent: false });
  const sql = postgres(stack.databaseUrl, { max: 4, onnotice: () => {}, backoff: () => 0.1 });
  test = { ...stack, siteUrl, sql };
  await applySchemas(sql);
  await loadPrices(sql);
  doors = await startDoorProcess(stack, { port });
});
afterAll(async () => {
  await doors?.stop("SIGKILL");
  await test?.sql.end({ timeout: 1 });
  await stack?.stop();
  await rm(dataDir, { recursive: true, force: true });
});

const postmaster = () => Number(readFileSync(join(dataDir, "postgres", "postmaster.pid"), "utf8").split("\n")[0]);

type Batch = { events: Record<string, unknown>[]; tries: number };

/** A client as the contract wants it: sends a batch again, unchanged, until it is acknowledged. */
async function sendUntilAcknowledged(key: string, batch: Batch): Promise<{ accepted: number; duplicates: number }> {
  const body = JSON.stringify({ events: batch.events });
  const headers = { authorization: `Bearer ${key}`, "content-type": "application/json" };
  for (;;) {
    batch.tries++;
    try {
      const response = await fetch(`http://127.0.0.1:${port}/api/sdk/v1/track`, {
        method: "POST",
        body,
        headers,
        signal: AbortSignal.timeout(20_000),
      });
      const answer = (await response.json()) as { accepted: number; duplicates: number; rejected: unknown[] };
      if (response.status === 200) {
        expect(answer.rejected).toEqual([]);
        return answer;
      }
      expect([response.status, response.headers.has("retry-after")]).toEqual([503, true]);
    } catch (error) {
      if (error instanceof Error && error.name === "AssertionError") throw error;
    }
    await sleep(30 + Math.random() * 50);
  }
}

it("survives kill -9 of the server and of Postgres: nothing acknowledged is missing, nothing counts twice", {
  timeout: 180_000,
}, async () => {
  const organization = await makeOrganization(test);
  const { key } = await makeApiKey(test, organization);
  const acknowledged: Batch[] = [];
  let repeated = 0;
  let sending = true;
  let serial = 0;
  const client = async () => {
    while (sending) {
      const events = Array.from({ length: 10 }, () => usageEvent({ input_tokens: ++serial, output_tokens: 1 }));
      const batch = { events, tries: 0 };
      const { accepted, duplicates } = await sendUntilAcknowledged(key, batch);
      expect(accepted + duplicates).toBe(10);
      if (duplicates > 0) repeated++;
      acknowledged.push(batch);
    }
  };
  const clients = Promise.all(Array.from({ length: 6 }, client));
  clients.catch(() => {});

  const progress = async (batches: number) => {
    const goal = acknowledged.length + batches;
    await expect.poll(() => acknowledged.length, { timeout: 60_000, interval: 5 }).toBeGreaterThanOrEqual(goal);
  };
  const restartServer = async () => {
    await doors.stop("SIGKILL");
    doors = await startDoorProcess(stack, { port });
  };
  const killPostgres = () => process.kill(postmaster(), "SIGKILL");
  /** Every event of every batch acknowledged so far is there, at once, when the database is back. */
  const nothingIsMissing = async () => {
    const ids = acknowledged.flatMap(({ events }) => events.map(({ request_id }) => String(request_id)));
    // Over a connection of its own: one that breaks in the middle says so outside of any promise.
    const count = async () => {
      const sql = postgres(stack.databaseUrl, { max: 1, onnotice: () => {} });
      const [row] = await sql<{ stored: string }[]>`
        select count(*) as stored from private.usage_records where organization_id = ${organization.id}`.finally(() =>
        sql.end({ timeout: 1 }),
      );
      return Number(row?.stored);
    };
    let stored = -1;
    for (const deadline = Date.now() + 60_000; stored < 0 && Date.now() < deadline; ) {
      stored = await count().catch(() => -1);
      if (stored < 0) await sleep(100);
    }
    expect(stored).toBeGreaterThanOrEqual(ids.length);
  };

  for (let round = 0; round < 3; round++) {
    await progress(20);
    await restartServer();
    await nothingIsMissing();
    await progress(20);
    killPostgres();
    await nothingIsMissing();
    await progress(20);
    killPostgres();
    await restartServer();
    await nothingIsMissing();
  }
  await progress(20);
  sending = false;
  await clients;

  const sent = acknowledged.flatMap(({ events }) => events);
  expect(new Set(sent.map(({ request_id }) => request_id)).size).toBe(serial);
  const [summary] = await as(
    test,
    organization.owner,
    (tx) => tx<{ requests: string; input_tokens: string; output_tokens: string }[]>`
    select requests, input_tokens, output_tokens from public.spend_summary(${organization.id}, now() - interval '1 day', now() + interval '1 day')`,
  );
  expect({ ...summary }).toMatchObject({
    requests: String(serial),
    input_tokens: String((serial * (serial + 1)) / 2),
    output_tokens: String(serial),
  });
  expect(await differences(test, organization)).toEqual([]);

  const again = { events: sent.slice(0, 4_000), tries: 0 };
  expect(await sendUntilAcknowledged(key, again)).toMatchObject({ accepted: 0, duplicates: again.events.length });
  expect(acknowledged.some(({ tries }) => tries > 1)).toBe(true);
  process.stdout.write(
    `${serial} events in ${acknowledged.length} batches, ${acknowledged.filter(({ tries }) => tries > 1).length} of them sent again, ${repeated} found already stored\n`,
  );
});
