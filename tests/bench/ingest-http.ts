/**
 * The HTTP part of `npm run bench:ingest`: the real listener, doors, pools and log of the product in one process of its own
 * (`door-server.ts`, which leaves out the pages), driven from here.
 */
import { randomUUID } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { Pool } from "undici";
import { type DoorAddresses, startDoorProcess } from "../support/door-process.ts";

export type HttpFigures = { http_events_per_s: number; single_per_s: number; p99_ms_batch_100: number };

const models = ["gpt-4o", "gpt-4o-mini", "gpt-4.1", "o3-mini", "gpt-4.1-mini"];
const features = ["chat", "search", "summaries", "agents", "translation", "support"];
const run = randomUUID().slice(0, 8);
let serial = 0;

/** A body of `size` events that nobody sent before. */
function body(size: number): string {
  const timestamp = new Date().toISOString();
  const events: string[] = [];
  for (let n = 0; n < size; n++) {
    const id = serial++;
    events.push(
      `{"request_id":"bench-${run}-${id}","timestamp":"${timestamp}","provider":"openai","model":"${models[id % 5]}","endpoint":"chat.completions",` +
        `"input_tokens":${200 + ((id * 37) % 3_000)},"cached_input_tokens":${(id * 13) % 200},"output_tokens":${20 + ((id * 17) % 700)},` +
        `"latency_ms":${200 + ((id * 101) % 4_000)},"time_to_first_token_ms":${80 + (id % 300)},"feature":"${features[id % 6]}",` +
        `"user_id":"user-${id % 500}","environment":"production","status":"success"}`,
    );
  }
  return `{"events":[${events.join(",")}]}`;
}

type Client = (size: number) => Promise<void>;

function createClient(url: string, key: string, connections: number): { send: Client; close(): Promise<void> } {
  const pool = new Pool(url, { connections, pipelining: 1 });
  const headers = { authorization: `Bearer ${key}`, "content-type": "application/json" };
  return {
    async send(size) {
      const response = await pool.request({ path: "/api/sdk/v1/track", method: "POST", headers, body: body(size) });
      const answer = await response.body.text();
      const { accepted } = JSON.parse(answer) as { accepted?: number };
      if (accepted !== size) throw new Error(`${response.statusCode}: ${answer.slice(0, 300)}`);
    },
    close: () => pool.close(),
  };
}

/** As fast as `clients` can, each waiting for its answer: requests per second. */
async function closedLoop(send: Client, clients: number, size: number, seconds: number): Promise<number> {
  const startedAt = performance.now();
  let requests = 0;
  const client = async () => {
    while (performance.now() - startedAt < seconds * 1_000) {
      await send(size);
      requests++;
    }
  };
  await Promise.all(Array.from({ length: clients }, client));
  return requests / ((performance.now() - startedAt) / 1_000);
}

/** At a fixed rate whatever the answers do; latencies in milliseconds from the moment each request was due. */
async function openLoop(send: Client, perSecond: number, size: number, seconds: number): Promise<number[]> {
  const latencies: number[] = [];
  const underWay: Promise<void>[] = [];
  const startedAt = performance.now();
  for (let n = 0; n < perSecond * seconds; n++) {
    const dueAt = startedAt + (n * 1_000) / perSecond;
    if (dueAt > performance.now()) await sleep(dueAt - performance.now());
    underWay.push(send(size).then(() => void latencies.push(performance.now() - dueAt)));
  }
  await Promise.all(underWay);
  return latencies.sort((a, b) => a - b);
}

const at = (sorted: number[], share: number): number =>
  sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;

/**
 * Measures the door over HTTP with an API key of scope `ingest`. Three parts: four clients with batches of 1,000; 64 connections with
 * single events; batches of 100 in an open loop at half of what the first part reached.
 */
export async function benchIngestHttp(stack: DoorAddresses, key: string, say: (line: string) => void, seconds = 8): Promise<HttpFigures> {
  const doors = await startDoorProcess(stack);
  try {
    const few = createClient(doors.url, key, 4);
    await closedLoop(few.send, 4, 1_000, 2);
    const http_events_per_s = Math.round((await closedLoop(few.send, 4, 1_000, seconds)) * 1_000);
    say(`HTTP, one server process without pages, 4 clients, batches of 1,000: ${http_events_per_s} events/s`);
    await few.close();

    const many = createClient(doors.url, key, 64);
    await closedLoop(many.send, 64, 1, 2);
    const single_per_s = Math.round(await closedLoop(many.send, 64, 1, seconds));
    say(`HTTP, 64 connections, single events, each acknowledged after its commit: ${single_per_s} requests/s`);

    const perSecond = http_events_per_s / 2 / 100;
    const latencies = await openLoop(many.send, perSecond, 100, seconds);
    const p99_ms_batch_100 = Math.round(at(latencies, 0.99) * 10) / 10;
    say(
      `HTTP, open loop, ${Math.round(perSecond)} batches of 100 per second: p50 ${at(latencies, 0.5).toFixed(1)} ms, p99 ${p99_ms_batch_100} ms`,
    );
    await many.close();
    return { http_events_per_s, single_per_s, p99_ms_batch_100 };
  } finally {
    await doors.stop();
  }
}
