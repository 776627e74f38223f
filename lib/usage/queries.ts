import type { SupabaseClient } from "@supabase/supabase-js";
import { toAppError } from "../core/database-errors.ts";
import type { Grain } from "../core/time-range.ts";
import type { Dimension } from "./dimensions.ts";
import { type ExplainedChange, toExplainedChange } from "./explain.ts";
import type { UsageFilters } from "./filters.ts";
import type { Measures } from "./measures.ts";
import { toRecord, type UsageRecord } from "./record.ts";
import {
  type BreakdownRow,
  count,
  type FilterValue,
  type LiveMinute,
  type Pulse,
  type RequestRow,
  type SeriesRow,
  text,
  textOrNull,
  toBreakdownRow,
  toLiveMinute,
  toMeasures,
  toRequestRow,
  toSeriesRow,
  type Wire,
} from "./rows.ts";

/**
 * The questions about usage. Each returns its query key (first element "usage": the realtime event that makes it stale) and how to
 * ask it; server pages and browser hooks run the same object with their own client. Windows are `[from, to)` instants.
 */

export type UsageDb = Pick<SupabaseClient, "rpc">;
export type UsageQuery<T> = {
  key: readonly ["usage" | "usage-roster", ...unknown[]];
  run: (db: UsageDb, signal?: AbortSignal) => Promise<T>;
};

export type UsageWindow = { organizationId: string; from: string; to: string; filters: UsageFilters };

/** PostgREST hands out at most this many rows per answer; a longer one is fetched in pieces. */
const PAGE_ROWS = 1000;
const MAX_PAGES = 12;

type Part = { columns?: string | undefined; range?: [number, number] | undefined };

async function ask(db: UsageDb, name: string, args: Wire, signal?: AbortSignal, { columns, range }: Part = {}): Promise<unknown> {
  const call = db.rpc(name, args);
  const chosen = columns ? call.select(columns) : call;
  const part = range ? chosen.range(range[0], range[1]) : chosen;
  const { data, error } = await (signal ? part.abortSignal(signal) : part);
  if (error) throw toAppError(error);
  return data as unknown;
}

async function rows(db: UsageDb, name: string, args: Wire, signal?: AbortSignal, columns?: string): Promise<Wire[]> {
  const all: Wire[] = [];
  for (let page = 0; page < MAX_PAGES; page += 1) {
    const range: [number, number] | undefined = page === 0 ? undefined : [page * PAGE_ROWS, (page + 1) * PAGE_ROWS - 1];
    const part = (await ask(db, name, args, signal, { columns, range })) as Wire[];
    all.push(...part);
    if (part.length < PAGE_ROWS) break;
  }
  return all;
}

function windowArgs({ organizationId, from, to, filters }: UsageWindow): Wire {
  return { p_organization_id: organizationId, p_from: from, p_to: to, p_filters: filters };
}

export function spendSummaryQuery(window: UsageWindow): UsageQuery<Measures> {
  return {
    key: ["usage", "summary", window],
    run: async (db, signal) => {
      const answer = await ask(db, "spend_summary", windowArgs(window), signal);
      const row = (Array.isArray(answer) ? answer[0] : answer) as Wire | undefined;
      return toMeasures(row ?? { cost: "0" });
    },
  };
}

/** What a picture of cost needs of each bucket; a tenth of the whole row. */
const COST_COLUMNS = "bucket,key,label,is_other,cost,requests,unpriced_requests";

export type SeriesArgs = UsageWindow & { grain: Grain; dimension: Dimension | "none"; limit: number; measures: "cost" | "all" };

/** A measure over time, split by a dimension: the largest `limit` parts by cost, the rest as one; empty buckets are left out. */
export function spendSeriesQuery(args: SeriesArgs): UsageQuery<SeriesRow[]> {
  return {
    key: ["usage", "series", args],
    run: async (db, signal) => {
      const wire = {
        ...windowArgs(args),
        p_grain: args.grain,
        p_dimension: args.dimension,
        p_limit: args.limit,
        p_with_latency: args.measures === "all",
      };
      return (await rows(db, "spend_series", wire, signal, args.measures === "cost" ? COST_COLUMNS : undefined)).map(toSeriesRow);
    },
  };
}

export type BreakdownArgs = UsageWindow & {
  dimension: Dimension;
  compare: { from: string; to: string } | null;
  order: string;
  limit: number;
  offset?: number;
};

/** A window by one dimension, with the earlier period beside it. */
export function spendByQuery(args: BreakdownArgs): UsageQuery<BreakdownRow[]> {
  return {
    key: ["usage", "by", args],
    run: async (db, signal) => {
      const wire = {
        ...windowArgs(args),
        p_dimension: args.dimension,
        p_compare_from: args.compare?.from ?? null,
        p_compare_to: args.compare?.to ?? null,
        p_order: args.order,
        p_limit: args.limit,
        p_offset: args.offset ?? 0,
      };
      return ((await ask(db, "spend_by", wire, signal)) as Wire[]).map(toBreakdownRow);
    },
  };
}

export type ExplainArgs = UsageWindow & { compare: { from: string; to: string }; dimension: Dimension; limit: number };

/** Why a window costs more or less than an earlier one: the whole first, then the keys of the dimension by the size of their change. */
export function explainChangeQuery(args: ExplainArgs): UsageQuery<ExplainedChange[]> {
  return {
    key: ["usage", "explain", args],
    run: async (db, signal) => {
      const wire = {
        ...windowArgs(args),
        p_compare_from: args.compare.from,
        p_compare_to: args.compare.to,
        p_dimension: args.dimension,
        p_limit: args.limit,
      };
      return ((await ask(db, "explain_change", wire, signal)) as Wire[]).map(toExplainedChange);
    },
  };
}

export type RequestsArgs = UsageWindow & { search: string | null; limit: number };
export type RequestsCursor = { timestamp: string; id: string } | null;

/** Newest first; the cursor is the last row of the page before. */
export function requestsQuery(args: RequestsArgs, cursor: RequestsCursor = null): UsageQuery<RequestRow[]> {
  return {
    key: ["usage", "requests", args, cursor],
    run: async (db, signal) => {
      const wire = {
        ...windowArgs(args),
        p_search: args.search,
        p_before_timestamp: cursor?.timestamp ?? null,
        p_before_id: cursor?.id ?? null,
        p_limit: args.limit,
      };
      return ((await ask(db, "usage_requests", wire, signal)) as Wire[]).map(toRequestRow);
    },
  };
}

/** The whole record with its receipt, or null when there is none in this organization. */
export function requestQuery(organizationId: string, requestId: string): UsageQuery<UsageRecord | null> {
  return {
    key: ["usage", "request", organizationId, requestId],
    run: async (db, signal) => {
      const answer = await ask(db, "usage_request", { p_organization_id: organizationId, p_request_id: requestId }, signal);
      return answer === null ? null : toRecord(answer as Wire);
    },
  };
}

/** The last minutes one by one; a minute without traffic is missing. */
export function liveQuery(organizationId: string, minutes = 60): UsageQuery<LiveMinute[]> {
  return {
    key: ["usage", "live", organizationId, minutes],
    run: async (db, signal) => {
      const answer = await ask(db, "usage_live", { p_organization_id: organizationId, p_minutes: minutes }, signal);
      return (answer as Wire[]).map(toLiveMinute);
    },
  };
}

/**
 * Cheap sign of life. Page and top bar keep answers of their own: what the bar has asked already, a page's prefetched answer would
 * only replace after the first paint.
 */
export function pulseQuery(organizationId: string, place: "bar" | "page" = "bar"): UsageQuery<Pulse> {
  return {
    key: ["usage", "pulse", organizationId, place],
    run: async (db, signal) => {
      const answer = await ask(db, "usage_pulse", { p_organization_id: organizationId }, signal);
      const row = (Array.isArray(answer) ? answer[0] : answer) as Wire | undefined;
      return { last_event_at: textOrNull(row?.last_event_at), events_total: count(row?.events_total) };
    },
  };
}

export function filterValuesQuery(
  window: Omit<UsageWindow, "filters">,
  dimension: string,
  search: string,
  limit = 50,
): UsageQuery<FilterValue[]> {
  return {
    key: ["usage", "filter-values", window, dimension, search, limit],
    run: async (db, signal) => {
      const wire = {
        p_organization_id: window.organizationId,
        p_from: window.from,
        p_to: window.to,
        p_dimension: dimension,
        p_search: search || null,
        p_limit: limit,
      };
      return ((await ask(db, "filter_values", wire, signal)) as Wire[]).map((row) => ({
        key: text(row.key),
        label: text(row.label),
        requests: count(row.requests),
      }));
    },
  };
}
