import { DIMENSIONS, type Dimension, DRILL_ORDER, isDimension } from "@/lib/usage/dimensions.ts";
import type { UsageFilters } from "@/lib/usage/filters.ts";
import { isMeasure, type Measure } from "@/lib/usage/measures.ts";

/** What Explore shows beside range and filters; all of it is in the URL. */
export type ExploreState = { measure: Measure; dimension: Dimension; order: ExploreOrder; rows: number };

export const EXPLORE_ORDERS = ["cost", "requests", "change"] as const;
export type ExploreOrder = (typeof EXPLORE_ORDERS)[number];

/** Rows of the table at first; "more" adds as many again. */
export const EXPLORE_ROWS = 50;
export const EXPLORE_MAX_ROWS = 500;

export function readExploreState(params: URLSearchParams): ExploreState {
  const measure = params.get("measure");
  const dimension = params.get("by");
  const rows = Number(params.get("rows"));
  return {
    measure: isMeasure(measure) ? measure : "cost",
    dimension: isDimension(dimension) ? dimension : DIMENSIONS[0],
    order: EXPLORE_ORDERS.find((order) => order === params.get("order")) ?? "cost",
    rows: Number.isInteger(rows) && rows > EXPLORE_ROWS && rows <= EXPLORE_MAX_ROWS ? rows : EXPLORE_ROWS,
  };
}

export function writeExploreState(params: URLSearchParams, change: Partial<ExploreState>): URLSearchParams {
  const next = new URLSearchParams(params);
  const set = (name: string, value: string | undefined, fallback: string) => {
    if (value === undefined) return;
    if (value === fallback) next.delete(name);
    else next.set(name, value);
  };
  set("measure", change.measure, "cost");
  set("by", change.dimension, DIMENSIONS[0]);
  set("order", change.order, "cost");
  set("rows", change.rows?.toString(), String(EXPLORE_ROWS));
  return next;
}

/** The next dimension down from here that no filter has narrowed yet, or null: then the requests themselves are next. */
export function nextDimension(dimension: Dimension, filters: UsageFilters): Dimension | null {
  return DRILL_ORDER.find((each) => each !== dimension && !filters[each]) ?? null;
}
