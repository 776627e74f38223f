import { DIMENSIONS, type Dimension, DRILL_ORDER, isDimension } from "@/lib/usage/dimensions.ts";
import type { UsageFilters } from "@/lib/usage/filters.ts";
import { isMeasure, type Measure } from "@/lib/usage/measures.ts";

/** What Explore shows beside range and filters; all of it is in the URL. */
export type ExploreState = {
  measure: Measure;
  dimension: Dimension;
  order: ExploreOrder;
  rows: number;
  isExplained: boolean;
  isAveraged: boolean;
  inner: readonly Dimension[];
};

/** What the database sorts by, largest first. */
const EXPLORE_ORDERS = [
  "cost",
  "requests",
  "change",
  "errors",
  "input_tokens",
  "cached_input_tokens",
  "output_tokens",
  "reasoning_tokens",
  "total_tokens",
] as const;
export type ExploreOrder = (typeof EXPLORE_ORDERS)[number];

/** Rows of the table at first; "more" adds as many again. */
export const EXPLORE_ROWS = 50;
export const EXPLORE_MAX_ROWS = 500;

export function readExploreState(params: URLSearchParams): ExploreState {
  const measure = params.get("measure");
  const dimension = params.get("by");
  const rows = Number(params.get("rows"));
  const by = isDimension(dimension) ? dimension : DIMENSIONS[0];
  const asked = isMeasure(measure) ? measure : "cost";
  return {
    measure: asked,
    dimension: by,
    inner: readThen(params.get("then"), by),
    order: EXPLORE_ORDERS.find((order) => order === params.get("order")) ?? orderOf(asked),
    isExplained: params.get("explain") === "1",
    isAveraged: params.get("average") === "7",
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
  // Another measure brings its own order along.
  if (change.measure !== undefined) next.delete("order");
  set("measure", change.measure, "cost");
  set("by", change.dimension, DIMENSIONS[0]);
  set("order", change.order, orderOf(readExploreState(next).measure));
  if (change.inner !== undefined) set("then", change.inner.join("."), "");
  if (change.isAveraged !== undefined) set("average", change.isAveraged ? "7" : "0", "0");
  if (change.isExplained !== undefined) set("explain", change.isExplained ? "1" : "0", "0");
  set("rows", change.rows?.toString(), String(EXPLORE_ROWS));
  return next;
}

/** Second and third dimension, `feature.model`; one that is already there says nothing new. */
function readThen(text: string | null, first: Dimension): Dimension[] {
  const named = (text ?? "").split(".").filter(isDimension);
  return [...new Set(named)].filter((each) => each !== first).slice(0, 2);
}

/** A measure's own order where the database has it; cost otherwise. */
export function orderOf(measure: Measure): ExploreOrder {
  return EXPLORE_ORDERS.find((order) => order === measure) ?? "cost";
}

/** The next dimension down from here that no filter has narrowed yet, or null: then the requests themselves are next. */
export function nextDimension(dimension: Dimension, filters: UsageFilters): Dimension | null {
  return DRILL_ORDER.find((each) => each !== dimension && !filters[each]) ?? null;
}
