/**
 * The questions behind the first page on ten million records over ninety days, twenty organizations, the largest with half: asked as a
 * signed-in member, with row isolation on, exactly the calls that the page makes. Then the same questions answered from the records
 * alone: how much faster the rollups are, and whether both say the same to the last digit.
 *
 *   node tests/bench/dashboard.ts [--quick]
 */
import { randomUUID } from "node:crypto";
import type { Sql } from "postgres";
import { parseRangeChoice, resolveRange } from "../../lib/core/time-range.ts";
import { OVERVIEW_DIMENSIONS } from "../../lib/usage/dimensions.ts";
import { figuresQueries, lastWeek, latestRequestsQuery, moversQuery, OVERVIEW_ROWS, pictureQueries } from "../../lib/usage/picture.ts";
import { pulseQuery, type UsageDb, type UsageQuery } from "../../lib/usage/queries.ts";
import { startBenchDatabase } from "./database.ts";
import { makeHistory } from "./usage-history.ts";

const quick = process.argv.includes("--quick");
const records = Number(process.env.BENCH_RECORDS ?? (quick ? 150_000 : 10_000_000));
const runs = quick ? 15 : 40;
const say = (line: string): void => void process.stdout.write(`${line}\n`);

type Call = { name: string; args: Record<string, unknown> };

/** Runs the page's own query objects against a client that only notes what they would ask. */
async function callsOf(queries: readonly (UsageQuery<unknown> | null)[]): Promise<Call[]> {
  const calls: Call[] = [];
  const rpc = (name: string, args: Record<string, unknown>) => {
    calls.push({ name, args });
    // Whatever is chained onto a call changes how its answer travels, not what is asked.
    const answer: unknown = new Proxy(Promise.resolve({ data: [], error: null }), {
      get: (target, name) => (name === "then" ? target.then.bind(target) : () => answer),
    });
    return answer;
  };
  for (const query of queries) await query?.run({ rpc } as unknown as UsageDb).catch(() => undefined);
  return calls;
}

async function pageCalls(organizationId: string): Promise<Call[]> {
  const now = new Date().toISOString();
  const calls = new Map<string, Call>();
  for (const preset of ["mtd", "today", "30d", "90d"]) {
    const range = resolveRange(parseRangeChoice(new URLSearchParams({ range: preset, compare: "previous" })), "UTC", now);
    // Months are where the page opens; the longer ranges are asked as they open, by the first dimension.
    for (const dimension of preset === "mtd" || preset === "today" ? OVERVIEW_DIMENSIONS : OVERVIEW_DIMENSIONS.slice(0, 1)) {
      const picture = pictureQueries({
        organizationId,
        range,
        dimension,
        filters: {},
        order: "cost",
        rows: OVERVIEW_ROWS,
        measures: "cost",
        now,
      });
      const asked = await callsOf([
        ...Object.values(figuresQueries({ organizationId, timeZone: "UTC", now })),
        pulseQuery(organizationId, "page"),
        picture.parts,
        picture.totals,
        picture.previous,
        picture.table,
        picture.summary,
        picture.roster,
        picture.earlierSummary,
        moversQuery({ organizationId, range, dimension }),
        latestRequestsQuery({ organizationId, ...lastWeek("UTC", now) }),
      ]);
      for (const call of asked) calls.set(JSON.stringify(call), call);
    }
  }
  return [...calls.values(), { name: "overview", args: { p_organization_id: organizationId } }];
}

function literal(value: unknown): string {
  if (value === null || value === undefined) return "null";
  if (typeof value === "number") return String(value);
  return `'${(typeof value === "string" ? value : JSON.stringify(value)).replaceAll("'", "''")}'`;
}
const toSql = ({ name, args }: Call): string =>
  `select q::text as answer from public.${name}(${Object.entries(args)
    .map(([key, value]) => `${key} => ${literal(value)}`)
    .join(", ")}) q`;

const describe = ({ name, args }: Call): string =>
  [
    name,
    args.p_dimension,
    args.p_grain,
    args.p_from && `${Math.round((Date.parse(String(args.p_to)) - Date.parse(String(args.p_from))) / 86_400_000)} d`,
  ]
    .filter(Boolean)
    .join(" ");

type Measured = { call: Call; p50: number; p95: number; answer: string };

/** Asks each question `times` times as a member of the organization would through the API, and times the statement alone. */
async function measure(sql: Sql, userId: string, calls: Call[], times: number): Promise<Measured[]> {
  const measured: Measured[] = [];
  for (const call of calls) {
    const text = toSql(call);
    const took: number[] = [];
    let answer = "";
    for (let run = 0; run < times; run++) {
      await sql.begin(async (tx) => {
        await tx`select set_config('role', 'authenticated', true), set_config('request.jwt.claims', ${JSON.stringify({ sub: userId, role: "authenticated" })}, true)`;
        const startedAt = performance.now();
        const rows = await tx.unsafe<{ answer: string }[]>(text);
        took.push(performance.now() - startedAt);
        answer = rows.map((row) => row.answer).join("\n");
      });
    }
    took.sort((a, b) => a - b);
    measured.push({
      call,
      p50: took[Math.floor(took.length / 2)]!,
      p95: took[Math.min(took.length - 1, Math.floor(took.length * 0.95))]!,
      answer,
    });
  }
  return measured;
}

/** The same questions without rollups: one line is put in front of the decision which source answers. */
async function withoutRollups(sql: Sql): Promise<void> {
  const [made] = await sql<{ definition: string }[]>`select pg_get_functiondef('private.usage_totals'::regproc) as definition`;
  const changed = made!.definition.replace("  v_from := p_from;\n", "  v_rollup := null;\n  v_from := p_from;\n");
  if (changed === made!.definition) throw new Error("private.usage_totals() no longer has the place where the source is decided");
  await sql.unsafe(changed);
}

const database = await startBenchDatabase(2);
try {
  const { sql } = database;
  const organizationIds: string[] = [];
  for (let n = 0; n < 20; n++) {
    const [made] = await sql<{ id: string }[]>`
      insert into public.organizations (slug, name) values (${`bench-${randomUUID().slice(0, 13)}`}, ${`Organization ${n + 1}`}) returning id`;
    organizationIds.push(made!.id);
  }
  const userId = randomUUID();
  await sql`insert into auth.users (id, aud, role, email) values (${userId}, 'authenticated', 'authenticated', ${`${userId}@example.com`})`;
  await sql`insert into public.organization_members (organization_id, user_id, role) values (${organizationIds[0]!}, ${userId}, 'owner')`;
  say(`${records} records over 90 days, 20 organizations`);
  await makeHistory(sql, organizationIds, records, say);

  const calls = await pageCalls(organizationIds[0]!);
  await measure(sql, userId, calls, 2);
  const fast = await measure(sql, userId, calls, runs);
  await withoutRollups(sql);
  // What depends on the clock answers differently a moment later, and two do not read rollups at all.
  // Each of the others takes seconds from the records: asked once, split by model, by team or not at all.
  const fixed = calls.filter(
    ({ name, args }) =>
      !["overview", "usage_pulse", "usage_requests", "usage_live"].includes(name) &&
      ["none", "model", "team", undefined].includes(args.p_dimension as undefined),
  );
  const slow = new Map((await measure(sql, userId, fixed, 1)).map((each) => [each.call, each]));
  let equal = true;
  let fastSum = 0;
  let slowSum = 0;
  for (const each of fast.toSorted((a, b) => b.p95 - a.p95)) {
    const reference = slow.get(each.call);
    if (reference) {
      fastSum += each.p50;
      slowSum += reference.p50;
      if (reference.answer !== each.answer) {
        equal = false;
        say(`  DIFFERENT: ${toSql(each.call)}`);
      }
    }
    say(
      `  ${describe(each.call).padEnd(44)} p50 ${each.p50.toFixed(1)} ms, p95 ${each.p95.toFixed(1)} ms${reference ? `, from records ${reference.p50.toFixed(0)} ms (${(reference.p50 / each.p50).toFixed(0)} ×)` : ""}`,
    );
  }
  const p95 = Math.max(...fast.map((each) => each.p95));
  const speedup = slowSum / fastSum;
  say(
    JSON.stringify({
      bench: "dashboard",
      p95_ms: Number(p95.toFixed(1)),
      speedup: Number(speedup.toFixed(1)),
      first_paint_p95_ms: null,
      equal,
    }),
  );
  if (!equal) process.exitCode = 1;
} finally {
  await database.stop();
}
