import { type Adapter, leftOut, type ReadUsage, RowProblem, type SourceRow } from "../adapter.ts";
import { partOf, partsOf } from "../buckets.ts";
import { cell, count, moment, present, required, text } from "../cells.ts";

/** The console says it with a sign ("≤ 200k"), the API with a range ("0-200k", "200k-1M"). */
function largestRequest(row: SourceRow): number | undefined {
  const window = text(row, "context_window");
  if (window === null) return undefined;
  return /^(≤|<=|0-)\s*200k/i.test(window) ? 200_000 : Number.POSITIVE_INFINITY;
}

function tierOf(row: SourceRow): string | null {
  if (text(row, "speed")?.toLowerCase() === "fast") return "fast";
  return text(row, "usage_type", "service_tier")?.toLowerCase() ?? null;
}

function readLine(row: SourceRow): ReadUsage[] {
  if (cell(row, "cost_usd") !== undefined || cell(row, "amount") !== undefined || cell(row, "token_type") !== undefined) {
    throw leftOut("cost_only", "a cost without usage: it belongs to the reconciliation, and would be counted beside the usage");
  }
  const starts = required(moment(row, "usage_date_utc", "starting_at"), "usage_date_utc");
  const ends = moment(row, "ending_at") ?? `${new Date(Date.parse(starts) + 86_400_000).toISOString().slice(0, 23)}000Z`;
  const model = text(row, "model_version", "model");
  if (model === null) throw new RowProblem("no_model", "names no model: export it grouped by model");
  const tokens = {
    fresh: count(row, "usage_input_tokens_no_cache", "uncached_input_tokens") ?? 0,
    cached: count(row, "usage_input_tokens_cache_read", "cache_read_input_tokens") ?? 0,
    cache_write_5m: count(row, "usage_input_tokens_cache_write_5m", "cache_creation.ephemeral_5m_input_tokens") ?? 0,
    cache_write_1h: count(row, "usage_input_tokens_cache_write_1h", "cache_creation.ephemeral_1h_input_tokens") ?? 0,
    input_audio: 0,
    output: count(row, "usage_output_tokens", "output_tokens") ?? 0,
    output_audio: 0,
    web_search_calls: count(row, "web_search_count", "server_tool_use.web_search_requests"),
  };
  const total = tokens.fresh + tokens.cached + tokens.cache_write_5m + tokens.cache_write_1h;
  if (total + tokens.output + (tokens.web_search_calls ?? 0) === 0) throw leftOut("empty", "an empty bucket");
  const largest = largestRequest(row);
  const parts = partsOf(total, null, largest);
  const geo = text(row, "inference_geo");
  const owner = [
    "api_key",
    "api_key_id",
    "workspace",
    "workspace_id",
    "usage_type",
    "service_tier",
    "context_window",
    "inference_geo",
    "speed",
  ];
  const id = [starts.slice(0, 19), ends.slice(0, 19), model, ...owner.map((name) => text(row, name) ?? "")].join("|");
  const tags = present({
    anthropic_workspace: text(row, "workspace", "workspace_id"),
    anthropic_api_key: text(row, "api_key", "api_key_id"),
  });
  return Array.from({ length: parts }, (_, index) => ({
    id: parts === 1 ? id : `${id}#${index + 1}/${parts}`,
    fields: present({
      timestamp: starts,
      provider: "anthropic",
      model,
      endpoint: "messages",
      service_tier: tierOf(row),
      region: geo === null || geo === "global" || geo === "not_available" ? null : geo,
      ...partOf(tokens, index, parts),
      is_estimated: largest === undefined ? true : null,
      tags: Object.keys(tags).length > 0 ? tags : null,
      metadata: present({ bucket_end: ends, bucket_part: parts === 1 ? null : index + 1 }),
      normalizer: "import.anthropic",
    }),
    cost: null,
    bucket: { starts_at: starts, ends_at: ends },
  }));
}

/** Usage of the Anthropic console (CSV), or pages of its usage report (JSON): buckets of counts. Input there leaves cached tokens out. */
export const anthropic: Adapter = {
  id: "anthropic",
  label: "Anthropic usage export",
  comesFrom: "console.anthropic.com → Usage → Export, or GET /v1/organizations/usage_report/messages.",
  kind: "buckets",
  matches: (columns) => columns.has("usage_date_utc") || (columns.has("starting_at") && columns.has("results")),
  read(row) {
    const results = cell(row, "results");
    if (!Array.isArray(results)) return readLine(row);
    if (results.length === 0) throw leftOut("empty", "an empty bucket");
    return results.flatMap((result: Record<string, unknown>) =>
      readLine({ ...result, starting_at: row.starting_at, ending_at: row.ending_at }),
    );
  },
};
