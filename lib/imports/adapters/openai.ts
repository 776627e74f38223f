import { type Adapter, leftOut, type ReadUsage, RowProblem, type SourceRow } from "../adapter.ts";
import { partOf, partsOf } from "../buckets.ts";
import { cell, count, decimal, flag, moment, present, required, text } from "../cells.ts";

const endpoints: Record<string, string> = {
  "organization.usage.completions.result": "completions",
  "organization.usage.embeddings.result": "embeddings",
  "organization.usage.moderations.result": "moderations",
  "organization.usage.images.result": "images",
  "organization.usage.audio_transcriptions.result": "audio.transcriptions",
};

const tierOf = (row: SourceRow): string | null => {
  if (flag(row, "batch") === true) return "batch";
  const tier = text(row, "service_tier")?.toLowerCase() ?? null;
  return tier === "default" ? "standard" : tier;
};

/** One line of a bucket: a model's count, of a project and a key when the export was grouped by them. */
function readLine(row: SourceRow): ReadUsage[] {
  if (cell(row, "amount") !== undefined || cell(row, "amount_value") !== undefined || text(row, "line_item") !== null) {
    throw leftOut("cost_only", "a cost without usage: it belongs to the reconciliation, and would be counted beside the usage");
  }
  const starts = required(moment(row, "start_time", "start_time_iso", "aggregation_timestamp", "date"), "start_time");
  const ends = moment(row, "end_time", "end_time_iso") ?? `${new Date(Date.parse(starts) + 86_400_000).toISOString().slice(0, 23)}000Z`;
  const model = text(row, "model", "snapshot_id");
  if (model === null) throw new RowProblem("no_model", "names no model: export it grouped by model");
  const requests = count(row, "num_model_requests", "num_requests", "n_requests");
  // "input_tokens" are those of text, cached ones included; audio is counted beside them.
  const text_input = count(row, "input_tokens", "n_context_tokens_total");
  const cached = Math.min(count(row, "input_cached_tokens") ?? 0, text_input ?? 0);
  const audio = count(row, "input_audio_tokens") ?? 0;
  const output = count(row, "output_tokens", "n_generated_tokens_total");
  const images = count(row, "images");
  const seconds = decimal(row, "seconds");
  if (text_input === null && output === null && images === null && seconds === null) {
    throw leftOut("no_usage", "counts nothing that has a price per token, image or second");
  }
  const tokens = {
    fresh: (text_input ?? 0) - cached,
    cached,
    cache_write_5m: 0,
    cache_write_1h: 0,
    input_audio: audio,
    output: output ?? 0,
    output_audio: count(row, "output_audio_tokens") ?? 0,
    web_search_calls: null,
  };
  const total = tokens.fresh + cached + audio;
  if (total + tokens.output + (images ?? 0) + Number(seconds ?? 0) === 0) throw leftOut("empty", "an empty bucket");
  const parts = partsOf(total, requests);
  const object = text(row, "object");
  const owner = ["project_id", "user_id", "api_key_id", "batch", "service_tier", "size", "source"].map((name) => text(row, name) ?? "");
  const id = [starts.slice(0, 19), ends.slice(0, 19), object ?? text(row, "operation") ?? "", model, ...owner].join("|");
  const tags = present({ openai_project: text(row, "project_name", "project_id"), openai_api_key: text(row, "api_key_id") });
  return Array.from({ length: parts }, (_, index) => ({
    id: parts === 1 ? id : `${id}#${index + 1}/${parts}`,
    fields: present({
      timestamp: starts,
      provider: "openai",
      model,
      endpoint: object === null ? null : (endpoints[object] ?? null),
      service_tier: tierOf(row),
      ...(text_input === null && output === null ? {} : partOf(tokens, index, parts)),
      images: index === 0 ? images : null,
      audio_seconds: index === 0 ? seconds : null,
      is_estimated: requests === 1 ? null : true,
      tags: Object.keys(tags).length > 0 ? tags : null,
      metadata: present({ bucket_end: ends, bucket_requests: index === 0 ? requests : null, bucket_part: parts === 1 ? null : index + 1 }),
      normalizer: "import.openai",
    }),
    cost: null,
    bucket: { starts_at: starts, ends_at: ends },
  }));
}

/** Usage of the OpenAI console (CSV), or pages of its usage API (JSON): buckets of counts, grouped by model. */
export const openai: Adapter = {
  id: "openai",
  label: "OpenAI usage export",
  comesFrom: "platform.openai.com → Usage → Export (grouped by model), or GET /v1/organization/usage/completions.",
  kind: "buckets",
  matches: (columns) =>
    columns.has("num_model_requests") ||
    columns.has("n_context_tokens_total") ||
    (columns.has("start_time") && (columns.has("results") || columns.has("amount_value") || columns.has("line_item"))),
  read(row) {
    const results = cell(row, "results");
    if (!Array.isArray(results)) return readLine(row);
    if (results.length === 0) throw leftOut("empty", "an empty bucket");
    return results.flatMap((result: Record<string, unknown>) =>
      readLine({ ...result, start_time: row.start_time, end_time: row.end_time }),
    );
  },
};
