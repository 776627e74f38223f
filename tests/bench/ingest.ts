/**
 * How fast usage comes in, as ratios measured in one run on one database:
 *   a  COPY of the rows as they end up stored, into a heap without any index
 *   b  record_usage() with everything it does: authenticate, price, deduplicate for ever, store in partitions, nine rollups, ping
 *   c  the HTTP door (tests/bench/ingest-http.ts)
 * a and b take turns; batches of 1,000, four writers; what is sent is encoded beforehand on both sides. Then a million events go in
 * twice: the second round must be all duplicates and change no total.
 *
 *   node tests/bench/ingest.ts [--quick] [--sql-only]
 */
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import type { Sql } from "postgres";
import { recordColumns, recordUsage, toColumns } from "../../lib/ingest/record-usage.ts";
import type { Submission } from "../../lib/ingest/submission.ts";
import { type BenchDatabase, makeTenant, startBenchDatabase, type Tenant } from "./database.ts";
import { benchIngestHttp } from "./ingest-http.ts";
import { makeEvents, randomFrom } from "./usage-events.ts";

const quick = process.argv.includes("--quick");
const sqlOnly = process.argv.includes("--sql-only");
const writers = 4;
const batchSize = 1000;
const rounds = quick ? 5 : 12;
const batchesPerRound = quick ? 20 : 40;
const repeated = quick ? 50_000 : 1_000_000;

const say = (line: string): void => void process.stdout.write(`${line}\n`);
const started = Math.floor(Date.now() / 1000) * 1000;
const median = (values: number[]): number => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)]!;

/** Runs the tasks on `writers` lanes and returns rows per second. */
async function timed(tasks: (() => Promise<unknown>)[], rows: number): Promise<number> {
  let next = 0;
  const startedAt = performance.now();
  await Promise.all(
    Array.from({ length: writers }, async () => {
      while (next < tasks.length) await tasks[next++]!();
    }),
  );
  return rows / ((performance.now() - startedAt) / 1000);
}

/** Batches as live traffic brings them: each from one key, 50 requests a second, the keys taking turns. */
function makeBatches(tenants: Tenant[], prefix: string, count: number, seed: number): Submission[] {
  const random = randomFrom(seed);
  const first = started - 24 * 3_600_000;
  return Array.from({ length: count }, (_, index) => {
    const turn = Math.floor(index / tenants.length);
    const { keyHash } = tenants[index % tenants.length]!;
    return { keyHash, events: makeEvents(`${prefix}-${index}`, batchSize, first + turn * 20_000, 50, random) };
  });
}

async function copyIn(sql: Sql, table: string, text: Buffer): Promise<void> {
  await pipeline(Readable.from([text]), await sql`copy ${sql(table)} from stdin`.writable());
}

async function copyOut(sql: Sql, rows: number): Promise<Buffer[]> {
  const text: Buffer[] = [];
  for await (const part of await sql`copy (select * from private.usage_records limit ${sql.unsafe(String(rows))}) to stdout`.readable())
    text.push(part as Buffer);
  const lines = Buffer.concat(text).toString().trimEnd().split("\n");
  const batches: Buffer[] = [];
  for (let at = 0; at < lines.length; at += batchSize) batches.push(Buffer.from(`${lines.slice(at, at + batchSize).join("\n")}\n`));
  return batches;
}

async function compareWithCopy({ sql, door }: BenchDatabase, tenants: Tenant[]): Promise<{ ratio: number; copyRate: number }> {
  const rows = batchesPerRound * batchSize;
  const warm = makeBatches(tenants, "warm", batchesPerRound, 1).map((batch) => toColumns([batch]));
  await timed(
    warm.map((columns) => () => recordColumns(door, "sdk", columns)),
    rows,
  );
  const texts = await copyOut(sql, rows);
  const a: number[] = [];
  const b: number[] = [];
  for (let round = 0; round < rounds; round++) {
    const columns = makeBatches(tenants, `r${round}`, batchesPerRound, 100 + round).map((batch) => toColumns([batch]));
    await sql`create table private.bench_heap (like private.usage_records)`;
    a.push(
      await timed(
        texts.map((text) => () => copyIn(sql, "private.bench_heap", text)),
        rows,
      ),
    );
    b.push(
      await timed(
        columns.map((each) => () => recordColumns(door, "sdk", each)),
        rows,
      ),
    );
    await sql`drop table private.bench_heap`;
    say(
      `  round ${round + 1}: a ${Math.round(a.at(-1)!)} rows/s, b ${Math.round(b.at(-1)!)} rows/s, b/a ${(b.at(-1)! / a.at(-1)!).toFixed(3)}`,
    );
  }
  const ratio = median(b.map((value, index) => value / a[index]!));
  say(`a  COPY into a heap      ${Math.round(median(a))} rows/s`);
  say(`b  record_usage()        ${Math.round(median(b))} rows/s   median of b/a ${ratio.toFixed(3)}`);
  return { ratio, copyRate: median(a) };
}

/** Every total of every organization as one text. */
async function totals(sql: Sql): Promise<string> {
  const [row] = await sql<{ digest: string; requests: string }[]>`
    select md5(string_agg(t::text, '|' order by t.rollup, t.organization_id, t.bucket, t.key, t.provider)) as digest, sum(t.requests)::text as requests
    from private.usage_rollups t where t.rollup <> 'minute'`;
  return `${row!.requests} ${row!.digest}`;
}

async function sendTwice({ sql, door }: BenchDatabase, tenants: Tenant[]): Promise<void> {
  const codes = [{} as Record<string, number>, {} as Record<string, number>];
  const after: string[] = [];
  for (const round of [0, 1]) {
    const chunk = 40;
    const startedAt = performance.now();
    for (let from = 0; from < repeated / batchSize; from += chunk) {
      const batches = makeBatches(tenants, `m${from}`, Math.min(chunk, repeated / batchSize - from), 5000 + from);
      await timed(
        batches.map((batch) => async () => {
          const [outcome] = await recordUsage(door, [batch]);
          for (const { code } of outcome!.results) codes[round]![code] = (codes[round]![code] ?? 0) + 1;
        }),
        chunk * batchSize,
      );
    }
    after.push(await totals(sql));
    say(
      `${round === 0 ? "first " : "second"} round of ${repeated} events: ${JSON.stringify(codes[round])} in ${((performance.now() - startedAt) / 1000).toFixed(1)} s`,
    );
  }
  if (after[0] !== after[1]) throw new Error("a second round of the same events changed a total");
  if (codes[0]!.accepted !== repeated || codes[1]!.duplicate !== repeated)
    throw new Error("not every event of the second round was a duplicate");
  for (const { organizationId } of tenants) {
    const differences = await sql`select * from private.usage_differences(${organizationId})`;
    if (differences.length > 0) throw new Error(`rollups differ from records: ${JSON.stringify(differences[0])}`);
  }
  say("every total identical, rollups exactly the records");
}

const database = await startBenchDatabase(writers);
try {
  const tenants = await Promise.all(Array.from({ length: 8 }, (_, index) => makeTenant(database.sql, `Tenant ${index + 1}`)));
  const { ratio, copyRate } = await compareWithCopy(database, tenants);
  await sendTwice(database, tenants);
  const http = sqlOnly ? null : await benchIngestHttp(database.stack, tenants[0]!.key, say, quick ? 4 : 8);
  say(
    JSON.stringify({
      bench: "ingest",
      copy_ratio: Number(ratio.toFixed(3)),
      http_events_per_s: http?.http_events_per_s ?? null,
      single_per_s: http?.single_per_s ?? null,
      p99_ms_batch_100: http?.p99_ms_batch_100 ?? null,
      copy_rows_per_s: Math.round(copyRate),
      bare_single_per_s: http?.bare_single_per_s ?? null,
    }),
  );
} finally {
  await database.stop();
}
