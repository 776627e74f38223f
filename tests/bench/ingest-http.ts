/**
 * The HTTP part of `npm run bench:ingest`: the real listener, doors, pools and log of the product in one process of its own
 * (`door-server.ts`, which leaves out the pages), driven from here.
 */
import { spawn } from "node:child_process";
import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { type DoorAddresses, startDoorProcess } from "../support/door-process.ts";
import { type Connection, openConnection, postRequest } from "./http-load.ts";

export type HttpFigures = { http_events_per_s: number; single_per_s: number; p99_ms_batch_100: number; bare_single_per_s: number };

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

type Send = (request: Buffer) => Promise<void>;

/** Requests of `size` events each, encoded before anything is timed. */
const prepare = (key: string, size: number, count: number): Buffer[] =>
  Array.from({ length: count }, () => postRequest("/api/sdk/v1/track", key, body(size)));

/** `count` connections; a request takes the first that is free, or waits for one. */
async function openClients(port: number, count: number, size: number): Promise<{ send: Send; close(): void }> {
  const all = await Promise.all(Array.from({ length: count }, () => openConnection(port)));
  const free = [...all];
  const queue: ((connection: Connection) => void)[] = [];
  return {
    async send(request) {
      const connection = free.pop() ?? (await new Promise<Connection>((resolve) => queue.push(resolve)));
      const answer = await connection.post(request);
      const next = queue.shift();
      if (next) next(connection);
      else free.push(connection);
      if (!answer.body.startsWith(`{"accepted":${size},`)) throw new Error(`${answer.status}: ${answer.body.slice(0, 300)}`);
    },
    close: () => all.forEach((connection) => void connection.close()),
  };
}

/** As fast as `clients` can, each waiting for its answer, until time or requests run out: requests per second. */
async function closedLoop(send: Send, clients: number, requests: Buffer[], seconds: number): Promise<number> {
  const startedAt = performance.now();
  let next = 0;
  const client = async () => {
    while (next < requests.length && performance.now() - startedAt < seconds * 1_000) await send(requests[next++]!);
  };
  await Promise.all(Array.from({ length: clients }, client));
  return next / ((performance.now() - startedAt) / 1_000);
}

/** At a fixed rate whatever the answers do; latencies in milliseconds from the moment each request was due. */
async function openLoop(send: Send, perSecond: number, requests: Buffer[]): Promise<number[]> {
  const latencies: number[] = [];
  const underWay: Promise<void>[] = [];
  const startedAt = performance.now();
  for (const [place, request] of requests.entries()) {
    const dueAt = startedAt + (place * 1_000) / perSecond;
    const early = dueAt - performance.now();
    if (early > 0) await sleep(early);
    underWay.push(send(request).then(() => void latencies.push(performance.now() - dueAt)));
  }
  await Promise.all(underWay);
  return latencies.sort((a, b) => a - b);
}

/** Single requests per second that a bare server of the same library answers here: figures of machines compare by their share of it. */
async function measureBareServer(seconds: number): Promise<number> {
  const child = spawn(process.execPath, [fileURLToPath(new URL("bare-server.ts", import.meta.url))], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  try {
    const [port] = (await once(child.stdout, "data")) as [Buffer];
    const clients = await openClients(Number(port.toString()), 64, 1);
    const requests = prepare("tt_live_bare", 1, 1).flatMap((request) => Array<Buffer>(40_000 * seconds).fill(request));
    await closedLoop(clients.send, 64, requests, 1);
    const perSecond = Math.round(await closedLoop(clients.send, 64, requests, seconds));
    clients.close();
    return perSecond;
  } finally {
    child.kill("SIGKILL");
  }
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
    const few = await openClients(doors.port, 4, 1_000);
    await closedLoop(few.send, 4, prepare(key, 1_000, 60), 2);
    const http_events_per_s = Math.round((await closedLoop(few.send, 4, prepare(key, 1_000, 100 * seconds), seconds)) * 1_000);
    say(`HTTP, one server process without pages, 4 clients, batches of 1,000: ${http_events_per_s} events/s`);
    few.close();

    const many = await openClients(doors.port, 64, 1);
    await closedLoop(many.send, 64, prepare(key, 1, 20_000), 2);
    const single_per_s = Math.round(await closedLoop(many.send, 64, prepare(key, 1, 12_000 * seconds), seconds));
    say(`HTTP, 64 connections, single events, each acknowledged after its commit: ${single_per_s} requests/s`);
    many.close();
    const bare_single_per_s = await measureBareServer(Math.max(2, seconds / 2));
    say(
      `  a bare Hono server that only reads and answers: ${bare_single_per_s} requests/s (ours ${(single_per_s / bare_single_per_s).toFixed(2)} of it)`,
    );

    const perSecond = Math.round(http_events_per_s / 2 / 100);
    const middling = await openClients(doors.port, 64, 100);
    await closedLoop(middling.send, 4, prepare(key, 100, 100), 2);
    const latencies = await openLoop(middling.send, perSecond, prepare(key, 100, perSecond * seconds));
    const p99_ms_batch_100 = Math.round(at(latencies, 0.99) * 10) / 10;
    say(`HTTP, open loop, ${perSecond} batches of 100 per second: p50 ${at(latencies, 0.5).toFixed(1)} ms, p99 ${p99_ms_batch_100} ms`);
    middling.close();
    return { http_events_per_s, single_per_s, p99_ms_batch_100, bare_single_per_s };
  } finally {
    await doors.stop();
  }
}
