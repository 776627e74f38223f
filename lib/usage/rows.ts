import type { Money } from "../core/money.ts";
import type { Measures } from "./measures.ts";

/** Rows of the questions in SQL as they cross the wire, and the one place that reads them: money stays text, bigint counts become numbers. */

export type Wire = Record<string, unknown>;

export type SeriesRow = Measures & { bucket: string; key: string; label: string; is_other: boolean };

export type BreakdownRow = Measures & {
  key: string;
  label: string;
  previous_cost: Money;
  previous_requests: number | null;
  change_cost: Money;
  total_rows: number;
};

export type RequestRow = {
  id: string;
  request_id: string;
  timestamp: string;
  provider: string;
  model: string;
  endpoint: string | null;
  service_tier: string | null;
  status: "success" | "error" | "timeout";
  error_code: string | null;
  input_tokens: number;
  cached_input_tokens: number;
  output_tokens: number;
  reasoning_tokens: number;
  latency_ms: number | null;
  time_to_first_token_ms: number | null;
  cost: Money;
  cost_status: string;
  team_id: string | null;
  team_name: string | null;
  project_id: string | null;
  project_name: string | null;
  feature: string | null;
  end_user: string | null;
  environment: string | null;
  api_key_id: string | null;
  api_key_name: string | null;
};

export type LiveMinute = { minute: string; requests: number; errors: number; cost: Money; total_tokens: number };
export type Pulse = { last_event_at: string | null; events_total: number };
export type FilterValue = { key: string; label: string; requests: number };

export function count(value: unknown): number {
  return value === null || value === undefined ? 0 : Number(value);
}

function countOrNull(value: unknown): number | null {
  return value === null || value === undefined ? null : Number(value);
}

export function text(value: unknown): string {
  return value === null || value === undefined ? "" : String(value);
}

export function textOrNull(value: unknown): string | null {
  return value === null || value === undefined ? null : String(value);
}

/** `numeric::text`; a JSON number would already have lost digits, so it counts as a mistake of the question. */
export function money(value: unknown): Money {
  if (value === null || value === undefined) return null;
  if (typeof value !== "string") throw new TypeError("money must cross the wire as text");
  return value;
}

export function toMeasures(row: Wire): Measures {
  return {
    cost: money(row.cost),
    cost_input: money(row.cost_input),
    cost_cached_input: money(row.cost_cached_input),
    cost_cache_write: money(row.cost_cache_write),
    cost_output: money(row.cost_output),
    cost_other: money(row.cost_other),
    requests: count(row.requests),
    errors: count(row.errors),
    input_tokens: count(row.input_tokens),
    cached_input_tokens: count(row.cached_input_tokens),
    output_tokens: count(row.output_tokens),
    reasoning_tokens: count(row.reasoning_tokens),
    total_tokens: count(row.total_tokens),
    not_exact_requests: count(row.not_exact_requests),
    unpriced_requests: count(row.unpriced_requests),
    latency_p50_ms: countOrNull(row.latency_p50_ms),
    latency_p95_ms: countOrNull(row.latency_p95_ms),
  };
}

export function toSeriesRow(row: Wire): SeriesRow {
  return { ...toMeasures(row), bucket: text(row.bucket), key: text(row.key), label: text(row.label), is_other: row.is_other === true };
}

export function toBreakdownRow(row: Wire): BreakdownRow {
  return {
    ...toMeasures(row),
    key: text(row.key),
    label: text(row.label),
    previous_cost: money(row.previous_cost),
    previous_requests: countOrNull(row.previous_requests),
    change_cost: money(row.change_cost),
    total_rows: count(row.total_rows),
  };
}

export function toRequestRow(row: Wire): RequestRow {
  return {
    id: text(row.id),
    request_id: text(row.request_id),
    timestamp: text(row.timestamp),
    provider: text(row.provider),
    model: text(row.model),
    endpoint: textOrNull(row.endpoint),
    service_tier: textOrNull(row.service_tier),
    status: row.status === "error" || row.status === "timeout" ? row.status : "success",
    error_code: textOrNull(row.error_code),
    input_tokens: count(row.input_tokens),
    cached_input_tokens: count(row.cached_input_tokens),
    output_tokens: count(row.output_tokens),
    reasoning_tokens: count(row.reasoning_tokens),
    latency_ms: countOrNull(row.latency_ms),
    time_to_first_token_ms: countOrNull(row.time_to_first_token_ms),
    cost: money(row.cost),
    cost_status: text(row.cost_status),
    team_id: textOrNull(row.team_id),
    team_name: textOrNull(row.team_name),
    project_id: textOrNull(row.project_id),
    project_name: textOrNull(row.project_name),
    feature: textOrNull(row.feature),
    end_user: textOrNull(row.end_user),
    environment: textOrNull(row.environment),
    api_key_id: textOrNull(row.api_key_id),
    api_key_name: textOrNull(row.api_key_name),
  };
}

export function toLiveMinute(row: Wire): LiveMinute {
  return {
    minute: text(row.minute),
    requests: count(row.requests),
    errors: count(row.errors),
    cost: money(row.cost),
    total_tokens: count(row.total_tokens),
  };
}
