import { DEFAULT_CHOICE, resolveRange, type TimeRange } from "../core/time-range.ts";
import { type Dimension, OVERVIEW_DIMENSIONS } from "./dimensions.ts";
import type { UsageFilters } from "./filters.ts";
import {
  type ExplainArgs,
  filterValuesQuery,
  liveQuery,
  requestsQuery,
  spendByQuery,
  spendSeriesQuery,
  spendSummaryQuery,
  type UsageQuery,
} from "./queries.ts";

/** More parts than this and nobody can tell the colours apart: SQL folds the rest into one. */
const MAX_SERIES = 8;

/** Requests per page of the list. */
export const REQUESTS_PAGE = 50;

/** Rows of the table on the first page. */
export const OVERVIEW_ROWS = 8;

export type PictureArgs = {
  organizationId: string;
  range: TimeRange;
  dimension: Dimension;
  filters: UsageFilters;
  order: string;
  rows: number;
  now: string;
  /** The one measure on screen, or all of them because it can be switched. */
  measures: "cost" | "all";
};

/** The questions behind one picture of a range by one dimension: parts, whole and earlier whole over time, the table, the sums. */
export function pictureQueries({ organizationId, range, dimension, filters, order, rows, now, measures }: PictureArgs) {
  const window = { organizationId, from: range.from, to: range.to, filters };
  const { compare, grain } = range;
  const earlier = compare ? { ...window, from: compare.from, to: compare.toDate } : null;
  return {
    parts: spendSeriesQuery({ ...window, grain, dimension, limit: MAX_SERIES, measures }),
    totals: spendSeriesQuery({ ...window, grain, dimension: "none", limit: 1, measures }),
    previous: compare
      ? spendSeriesQuery({ ...window, from: compare.from, to: compare.to, grain, dimension: "none", limit: 1, measures })
      : null,
    table: spendByQuery({ ...window, dimension, compare: compare ? { from: compare.from, to: compare.toDate } : null, order, limit: rows }),
    earlierTable: earlier ? spendByQuery({ ...earlier, dimension, compare: null, order: "cost", limit: 500 }) : null,
    roster: rosterQuery({ organizationId, dimension, timeZone: range.timeZone, now }),
    summary: spendSummaryQuery(window),
    earlierSummary: earlier ? spendSummaryQuery(earlier) : null,
  };
}

/** Parts shown of an opened row. */
const INSIDE_ROWS = 20;

/** The parts of a row that was opened, by the next dimension; `earlier` for measures that the rows bring no earlier value of. */
export function insideQueries({ organizationId, range, dimension, filters, order }: Omit<PictureArgs, "rows" | "now" | "measures">) {
  const window = { organizationId, from: range.from, to: range.to, filters };
  const compare = range.compare ? { from: range.compare.from, to: range.compare.toDate } : null;
  return {
    table: spendByQuery({ ...window, dimension, compare, order, limit: INSIDE_ROWS }),
    earlier: compare ? spendByQuery({ ...window, ...compare, dimension, compare: null, order: "cost", limit: 500 }) : null,
  };
}

/** Rows of "explain this change"; the whole counts all of them. */
const EXPLAINED_ROWS = 50;

/** What to ask for an explanation of the change that the table shows; without a compared period there is nothing to ask. */
export function explainArgs(args: Pick<PictureArgs, "organizationId" | "range" | "dimension" | "filters">): ExplainArgs {
  const { from, to, compare } = args.range;
  return {
    organizationId: args.organizationId,
    from,
    to,
    filters: args.filters,
    compare: compare ? { from: compare.from, to: compare.toDate } : { from, to: from },
    dimension: args.dimension,
    limit: EXPLAINED_ROWS,
  };
}

/** What changed most by cost, either way; without a compared period, against the one before all the same. */
export function moversQuery({ organizationId, range, dimension }: Pick<PictureArgs, "organizationId" | "range" | "dimension">) {
  const compare = range.compare ? { from: range.compare.from, to: range.compare.toDate } : null;
  return spendByQuery({
    organizationId,
    from: range.from,
    to: range.to,
    filters: {},
    dimension,
    compare,
    order: compare ? "change" : "cost",
    limit: 6,
  });
}

/** The newest requests of the last week: the first page's ticker. */
export function latestRequestsQuery({ organizationId, from, to }: { organizationId: string; from: string; to: string }) {
  return requestsQuery({ organizationId, from, to, filters: {}, search: null, limit: 12 });
}

/** What the first page is split by: `by` in the URL, the model when it says nothing usable. */
export function overviewDimension(params: URLSearchParams): Dimension {
  return OVERVIEW_DIMENSIONS.find((name) => name === params.get("by")) ?? OVERVIEW_DIMENSIONS[0];
}

/** The seven days up to tonight, so that the ticker's question stays the same all day. */
export function lastWeek(timeZone: string, now: string): { from: string; to: string } {
  const { from, to } = resolveRange({ ...DEFAULT_CHOICE, preset: "7d", compare: "none" }, timeZone, now);
  return { from, to };
}

/**
 * Who gets the colours: the most used entities of the last thirty days, whatever range and filters are on screen. Not under "usage",
 * because a ping changes no colour.
 */
function rosterQuery(args: { organizationId: string; dimension: Dimension; timeZone: string; now: string }): UsageQuery<string[]> {
  const { from, to } = resolveRange({ ...DEFAULT_CHOICE, preset: "30d", compare: "none" }, args.timeZone, args.now);
  const values = filterValuesQuery({ organizationId: args.organizationId, from, to }, args.dimension, "", 16);
  return { key: ["usage-roster", values.key], run: async (db, signal) => (await values.run(db, signal)).map((row) => row.key) };
}

/** Today and this month, each beside the same part of the period before, and the last hour: the first page's figures. */
export function figuresQueries({ organizationId, timeZone, now }: { organizationId: string; timeZone: string; now: string }) {
  const summary = (from: string, to: string) => spendSummaryQuery({ organizationId, from, to, filters: {} });
  const pair = (preset: "today" | "mtd") => {
    const range = resolveRange({ ...DEFAULT_CHOICE, preset }, timeZone, now);
    const before = range.compare ?? { from: range.from, toDate: range.from };
    return [summary(range.from, range.to), summary(before.from, before.toDate)] as const;
  };
  const [today, yesterday] = pair("today");
  const [month, lastMonth] = pair("mtd");
  return { today, yesterday, month, lastMonth, live: liveQuery(organizationId) };
}
