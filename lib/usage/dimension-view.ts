import { toChartNumber } from "../core/money.ts";
import { bucketStarts } from "../core/time-buckets.ts";
import type { Grain, TimeRange } from "../core/time-range.ts";
import type { Dimension } from "./dimensions.ts";
import type { UsageFilters } from "./filters.ts";
import { type SeriesArgs, spendByQuery, spendSeriesQuery, spendSummaryQuery, type UsageQuery } from "./queries.ts";
import type { SeriesRow } from "./rows.ts";

/** The pages that show the organization from the side of one dimension. */
export const DIMENSION_VIEWS = {
  teams: { dimension: "team", title: "Teams", answers: "What each team spends, how that moved, and how its calls fare." },
  projects: { dimension: "project", title: "Projects", answers: "What each project spends, how that moved, and how its calls fare." },
  people: { dimension: "end_user", title: "People", answers: "What each of your end users costs you, as your calls name them." },
  models: { dimension: "model", title: "Models", answers: "What each model costs, how much it is used, how fast and how reliable it is." },
  providers: {
    dimension: "provider",
    title: "Providers",
    answers: "What each provider costs, how much it is used, how fast and how reliable it is.",
  },
} as const satisfies Record<string, { dimension: Dimension; title: string; answers: string }>;
export type DimensionView = keyof typeof DIMENSION_VIEWS;

/** What the database sorts by, largest first. */
const VIEW_ORDERS = ["cost", "change", "requests", "total_tokens", "errors"] as const;
export type ViewOrder = (typeof VIEW_ORDERS)[number];

/** Rows at first; "more" adds as many again. With a bucket a day they fit into one answer of a thousand rows. */
export const VIEW_ROWS = 30;
export const VIEW_MAX_ROWS = 480;

export type ViewState = { order: ViewOrder; rows: number };

export function readViewState(params: URLSearchParams): ViewState {
  const rows = Number(params.get("rows"));
  return {
    order: VIEW_ORDERS.find((order) => order === params.get("order")) ?? "cost",
    rows: Number.isInteger(rows) && rows > VIEW_ROWS && rows <= VIEW_MAX_ROWS ? rows : VIEW_ROWS,
  };
}

export function writeViewState(params: URLSearchParams, change: Partial<ViewState>): URLSearchParams {
  const next = new URLSearchParams(params);
  const set = (name: string, value: string | undefined, fallback: string) => {
    if (value === fallback) next.delete(name);
    else if (value !== undefined) next.set(name, value);
  };
  set("order", change.order, "cost");
  set("rows", change.rows?.toString(), String(VIEW_ROWS));
  return next;
}

type ViewArgs = { organizationId: string; range: TimeRange; dimension: Dimension; filters: UsageFilters } & ViewState;

/** The questions behind such a page: its rows beside the earlier period, and the whole of both. */
export function viewQueries({ organizationId, range, dimension, filters, order, rows }: ViewArgs) {
  const window = { organizationId, from: range.from, to: range.to, filters };
  const compare = range.compare ? { from: range.compare.from, to: range.compare.toDate } : null;
  return {
    table: spendByQuery({ ...window, dimension, compare, order, limit: rows }),
    summary: spendSummaryQuery(window),
    earlierSummary: compare ? spendSummaryQuery({ ...window, ...compare }) : null,
  };
}

/** Cost over time of exactly the rows on screen, whatever they are sorted by. */
export function trendsQuery(
  { organizationId, range, dimension, filters }: Omit<ViewArgs, "order" | "rows">,
  keys: readonly string[],
): UsageQuery<SeriesRow[]> {
  const args: SeriesArgs = {
    organizationId,
    from: range.from,
    to: range.to,
    filters: { ...filters, [dimension]: keys },
    grain: trendGrain(range, dimension),
    dimension,
    limit: keys.length,
    measures: "cost",
  };
  return spendSeriesQuery(args);
}

/** As many bars as a cell has room for. End users are summed by day, so nothing finer is asked for them. */
export function trendGrain(range: TimeRange, dimension: Dimension): Grain {
  const hours = (Date.parse(range.to) - Date.parse(range.from)) / 3_600_000;
  if (hours <= 76 && dimension !== "end_user") return "hour";
  return hours <= 24 * 45 ? "day" : hours <= 24 * 420 ? "week" : "month";
}

/** One coordinate per bucket and key; where nothing happened it is zero. */
export function layTrends(rows: readonly SeriesRow[], range: TimeRange, dimension: Dimension): ReadonlyMap<string, readonly number[]> {
  const starts = bucketStarts(range, trendGrain(range, dimension)).map((start) => Date.parse(start));
  const place = new Map(starts.map((start, index) => [start, index]));
  const trends = new Map<string, number[]>();
  for (const row of rows) {
    const index = place.get(Date.parse(row.bucket.replace(" ", "T")));
    if (index === undefined) continue;
    const values = trends.get(row.key) ?? new Array<number>(starts.length).fill(0);
    values[index] = toChartNumber(row.cost);
    trends.set(row.key, values);
  }
  return trends;
}
