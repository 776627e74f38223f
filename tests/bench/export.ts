/**
 * Exports over HTTP from a server process of their own: rows per second by format beside a bare COPY of the same rows to the same client,
 * and how much memory the server takes on while it sends.
 *
 *   node tests/bench/export.ts [--quick]        BENCH_RECORDS=5000000 for another size
 */
import { readFile } from "node:fs/promises";
import type { Sql } from "postgres";
import { startDoorProcess } from "../support/door-process.ts";
import { makeTenant, startBenchDatabase } from "./database.ts";
import { makeHistory } from "./usage-history.ts";

const quick = process.argv.includes("--quick");
const records = Number(process.env.BENCH_RECORDS ?? (quick ? 100_000 : 5_000_000));
const rounds = Number(process.env.BENCH_ROUNDS ?? (quick ? 3 : 1));
const beganAt = performance.now();
const say = (line: string): void =>
  void process.stdout.write(`${((performance.now() - beganAt) / 1000).toFixed(0).padStart(5)} s  ${line}\n`);

const median = (values: number[]): number => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;

/** Megabytes that a process holds. */
async function residentMegabytes(pid: number): Promise<number> {
  const found = /VmRSS:\s+(\d+) kB/.exec(await readFile(`/proc/${pid}/status`, "utf8"));
  return Number(found?.[1] ?? 0) / 1024;
}

/** The columns of an export of requests, straight from the table, thrown away as they come. */
async function bareCopy(sql: Sql, organizationId: string): Promise<number> {
  const startedAt = performance.now();
  const source = await sql
    .unsafe(`
    copy (
      select request_id, "timestamp", source, provider, model, endpoint, service_tier, region, status, error_code, fresh_input_tokens,
        cached_input_tokens, cache_write_5m_tokens, cache_write_1h_tokens, input_audio_tokens, visible_output_tokens, reasoning_tokens,
        output_audio_tokens, latency_ms, time_to_first_token_ms, team_id, project_id, api_key_id, feature, end_user, environment, session_id,
        trace_id, cost, cost_input, cost_cached_input, cost_cache_write, cost_output, cost_other, cost_status, id
      from private.usage_records where organization_id = '${organizationId}'
    ) to stdout`)
    .readable();
  await new Promise<void>((resolve, reject) =>
    source
      .on("data", () => {})
      .once("end", () => resolve())
      .once("error", reject),
  );
  return (performance.now() - startedAt) / 1000;
}

type Run = { seconds: number; bytes: number; growth: number };

async function download(url: string, key: string, pid: number): Promise<Run> {
  const before = await residentMegabytes(pid);
  let most = before;
  const watch = setInterval(() => void residentMegabytes(pid).then((now) => (most = Math.max(most, now))), 50);
  const startedAt = performance.now();
  const response = await fetch(url, { headers: { authorization: `Bearer ${key}` } });
  if (!response.ok || response.body === null) throw new Error(`${response.status} ${await response.text()}`);
  let bytes = 0;
  for await (const chunk of response.body) bytes += chunk.byteLength;
  const seconds = (performance.now() - startedAt) / 1000;
  clearInterval(watch);
  return { seconds, bytes, growth: most - before };
}

const database = await startBenchDatabase(2);
try {
  const { sql, stack } = database;
  const tenant = await makeTenant(sql, "Exports");
  const other = await makeTenant(sql, "Another");
  // The history gives the first organization half of its records.
  await makeHistory(sql, [tenant.organizationId, other.organizationId], records * 2, say);
  const doors = await startDoorProcess(stack, { logLevel: "warn" });
  try {
    const window = `start_date=${new Date(Date.now() - 100 * 86_400_000).toISOString()}`;
    const formats = ["csv", "jsonl", "parquet", "focus"] as const;
    const urls = formats.map((format) => [format, `${doors.url}/api/v1/exports?${window}&format=${format}`] as const);
    const pid = doors.child.pid ?? 0;
    const runs = new Map<string, Run[]>(formats.map((format) => [format, []]));
    const copies: number[] = [];
    for (let round = 0; round <= rounds; round++) {
      const copied = await bareCopy(sql, tenant.organizationId);
      if (round > 0) copies.push(copied);
      for (const [format, url] of urls) {
        const run = await download(url, tenant.key, pid);
        // The first round warms both processes up; growth counts from there, when a large heap is already a large heap.
        if (round > 0) runs.get(format)?.push(run);
        else say(`  warm: ${format} ${Math.round(records / run.seconds)} rows/s, ${run.growth.toFixed(0)} MB more`);
      }
    }
    const copySpeed = records / median(copies);
    say(`bare COPY ${Math.round(copySpeed)} rows/s`);
    const speeds = formats.map((format) => {
      const speed = records / median((runs.get(format) ?? []).map(({ seconds }) => seconds));
      const [run] = runs.get(format) ?? [];
      say(
        `${format.padEnd(8)} ${Math.round(speed)} requests/s, ${((run?.bytes ?? 0) / 1e6).toFixed(1)} MB, ${(speed / copySpeed).toFixed(2)} of COPY`,
      );
      return [format, Math.round(speed)] as const;
    });
    const growth = Math.max(...[...runs.values()].flat().map((run) => run.growth));
    process.stdout.write(
      `${JSON.stringify({
        bench: "export",
        rows: records,
        copy_rows_per_s: Math.round(copySpeed),
        ...Object.fromEntries(speeds.map(([format, speed]) => [`${format}_rows_per_s`, speed])),
        csv_to_copy: Number(((speeds[0]?.[1] ?? 0) / copySpeed).toFixed(2)),
        growth_mb: Math.round(growth),
      })}\n`,
    );
  } finally {
    await doors.stop();
  }
} finally {
  await database.stop();
}
