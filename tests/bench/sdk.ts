/**
 * What wrapping adds to a call: the official clients against a local server that answers at once, the same call plain and wrapped in
 * turns, so that both meet the same machine. The ingest door takes a second for each answer: a call that waited for it would show.
 *
 *   node tests/bench/sdk.ts [--quick]
 */
import { fork } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { createCalls, type Pair } from "./sdk-calls.ts";

const quick = process.argv.includes("--quick");
/** Milliseconds per call that is compared. By time and not by number, so that a busy machine takes no longer. */
const spent = quick ? { warmUp: 2_000, turns: 2_700, cpu: 600 } : { warmUp: 4_000, turns: 20_000, cpu: 6_000 };
const say = (line: string): void => void process.stdout.write(`${line}\n`);

type Figures = { name: string; plain: number[]; wrapped: number[]; addedCpuMs: number };

async function timed(call: () => Promise<unknown>): Promise<number> {
  const began = performance.now();
  await call();
  return performance.now() - began;
}

/** Milliseconds of processor time of this process per call. */
async function cpuFor(ms: number, call: () => Promise<unknown>): Promise<number> {
  const before = process.cpuUsage();
  let count = 0;
  for (const end = performance.now() + ms; performance.now() < end; count++) await call();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1_000 / count;
}

async function measure({ name, plain, wrapped }: Pair): Promise<Figures> {
  const figures: Figures = { name, plain: [], wrapped: [], addedCpuMs: 0 };
  for (const end = performance.now() + spent.warmUp; performance.now() < end; ) {
    await plain();
    await wrapped();
  }
  for (const end = performance.now() + spent.turns; performance.now() < end; ) {
    // Who goes first changes: the second finds warmer caches.
    const isPlainFirst = figures.wrapped.length % 2 === 0;
    if (isPlainFirst) figures.plain.push(await timed(plain));
    figures.wrapped.push(await timed(wrapped));
    if (!isPlainFirst) figures.plain.push(await timed(plain));
  }
  const differences: number[] = [];
  const blocks = 6;
  for (let n = 0; n < blocks; n++) {
    const [first, second] = n % 2 ? [wrapped, plain] : [plain, wrapped];
    const [a, b] = [await cpuFor(spent.cpu / blocks / 2, first), await cpuFor(spent.cpu / blocks / 2, second)];
    differences.push(n % 2 ? a - b : b - a);
  }
  figures.addedCpuMs = at(differences, 0.5);
  return figures;
}

const at = (values: number[], share: number): number => {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
};
const added = ({ plain, wrapped }: Figures, share: number): number => at(wrapped, share) - at(plain, share);
const shown = (ms: number, width = 10): string => ms.toFixed(3).padStart(width);

const upstream = fork(fileURLToPath(new URL("sdk-upstream.ts", import.meta.url)));
const directory = await mkdtemp(join(tmpdir(), "tokentra-bench-spool-"));
try {
  const [addresses] = (await once(upstream, "message")) as [{ http: string; http2: string }];
  const { pairs, tokentras } = createCalls(addresses, directory);
  say("Plain and wrapped calls in turns; milliseconds. The ingest door takes 1,000 ms for every answer.\n");
  say(`${"".padEnd(31)} calls  plain p50  wrapped p50  added p50  added p99  added CPU  slowest wrapped`);
  const all: Figures[] = [];
  for (const pair of pairs) {
    const figures = await measure(pair);
    all.push(figures);
    const columns = [
      shown(at(figures.plain, 0.5), 9),
      shown(at(figures.wrapped, 0.5), 12),
      shown(added(figures, 0.5)),
      shown(added(figures, 0.99)),
    ];
    say(
      `${figures.name.padEnd(31)}${String(figures.wrapped.length).padStart(6)} ${columns.join(" ")} ${shown(figures.addedCpuMs)} ${shown(Math.max(...figures.wrapped), 16)}`,
    );
  }
  const waiting = tokentras.reduce((sum, { pending }) => sum + pending, 0);
  const delivered = await Promise.all(tokentras.map((tokentra) => tokentra.shutdown(120_000)));
  const dropped = tokentras.reduce((sum, tokentra) => sum + tokentra.dropped, 0);
  const arrived = await (await fetch(`${addresses.http}/events`)).text();
  say(
    `\n${waiting} events were still waiting for the slow door when the calls were done; in the end it had ${arrived}, ${dropped} were dropped.`,
  );
  if (delivered.includes(false)) throw new Error("not all events were delivered");
  const worst = (share: number): number => Math.round(Math.max(...all.map((figures) => added(figures, share))) * 1_000) / 1_000;
  say("The last line holds the worst of the table.");
  say(JSON.stringify({ bench: "sdk", added_p50_ms: worst(0.5), added_p99_ms: worst(0.99) }));
} finally {
  upstream.disconnect();
  await rm(directory, { recursive: true, force: true });
}
process.exit();
