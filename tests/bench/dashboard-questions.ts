import type { Sql } from "postgres";
import { parseRangeChoice, RANGE_PRESETS, resolveRange } from "../../lib/core/time-range.ts";
import { OVERVIEW_DIMENSIONS } from "../../lib/usage/dimensions.ts";
import { figuresQueries, lastWeek, latestRequestsQuery, moversQuery, OVERVIEW_ROWS, pictureQueries } from "../../lib/usage/picture.ts";
import { pulseQuery, type UsageDb, type UsageQuery } from "../../lib/usage/queries.ts";

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

/** Every call that Overview makes, for every range it offers by every dimension it offers, and the same page as one document. */
export async function overviewCalls(organizationId: string): Promise<Call[]> {
  const now = new Date().toISOString();
  const calls = new Map<string, Call>();
  for (const preset of RANGE_PRESETS.filter((name) => name !== "custom")) {
    const range = resolveRange(parseRangeChoice(new URLSearchParams({ range: preset, compare: "previous" })), "UTC", now);
    for (const dimension of OVERVIEW_DIMENSIONS) {
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

const days = ({ p_from, p_to }: Call["args"]): number => Math.round((Date.parse(String(p_to)) - Date.parse(String(p_from))) / 86_400_000);

/** How far back a question is asked from the records as well, by what it is divided by. */
const REFERENCE_DAYS: Record<string, number> = { none: 100, model: 100, team: 8 };

/**
 * Whether a call is asked from the records as well. Not what depends on the clock, which answers differently a moment later, nor what
 * reads no rollup. Each of the others takes up to half a minute from the records: those by model and undivided, and by team over short
 * windows, stand for the rest.
 */
export function isReference({ name, args }: Call): boolean {
  return (
    !["overview", "usage_pulse", "usage_requests", "usage_live", "filter_values"].includes(name) &&
    days(args) <= (REFERENCE_DAYS[String(args.p_dimension ?? "none")] ?? 0)
  );
}

function literal(value: unknown): string {
  if (value === null || value === undefined) return "null";
  if (typeof value === "number" || typeof value === "boolean") return String(value);
  return `'${(typeof value === "string" ? value : JSON.stringify(value)).replaceAll("'", "''")}'`;
}

export const toSql = ({ name, args }: Call): string =>
  `select q::text as answer from public.${name}(${Object.entries(args)
    .map(([key, value]) => `${key} => ${literal(value)}`)
    .join(", ")}) q`;

export const describe = ({ name, args }: Call): string =>
  [name, args.p_dimension, args.p_grain, args.p_from && `${days(args)} d`].filter(Boolean).join(" ");

type Measured = { call: Call; p50: number; p95: number; answer: string };

/** The value that 95 % of the measured stay below. */
export function percentile(took: readonly number[], share: number): number {
  const sorted = took.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))]!;
}

/** Asks each question `times` times as a member of the organization would through the API, and times the statement alone. */
export async function measure(sql: Sql, userId: string, calls: readonly Call[], times: number): Promise<Measured[]> {
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
    measured.push({ call, p50: percentile(took, 0.5), p95: percentile(took, 0.95), answer });
  }
  return measured;
}

/** From now on every question is answered from the records: one line is put in front of the decision which source answers. */
export async function withoutRollups(sql: Sql): Promise<void> {
  const [made] = await sql<{ definition: string }[]>`select pg_get_functiondef('private.usage_totals'::regproc) as definition`;
  const changed = made!.definition.replace("  v_from := p_from;\n", "  v_rollup := null;\n  v_from := p_from;\n");
  if (changed === made!.definition) throw new Error("private.usage_totals() no longer has the place where the source is decided");
  await sql.unsafe(changed);
}
