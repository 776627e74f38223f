import { type Adapter, leftOut, RowProblem, type SourceRow } from "../adapter.ts";
import { between, cell, count, decimal, moment, objectOf, present, required, text } from "../cells.ts";
import { splitModel, vendorNamed, vendorOfModel } from "../vendors.ts";

const generations = ["GENERATION", "EMBEDDING"];

/** Usage kinds that are read, by what they are; Langfuse names them after each vendor. Its `input` and `output` are what is in no other kind. */
const kinds: [RegExp, string][] = [
  [/^(input_cached_tokens|cache_read_input_tokens|input_cache_read|cached_tokens|input_cached|cachedContentTokenCount)$/, "cached"],
  [/^(input_cache_creation_1h|cache_creation_1h_input_tokens|ephemeral_1h_input_tokens)$/, "written1h"],
  [/^(cache_creation_input_tokens|input_cache_creation(_5m)?|ephemeral_5m_input_tokens|input_cache_write)$/, "written"],
  [/^(input_audio_tokens|input_audio)$/, "inputAudio"],
  [/^(output_reasoning_tokens|output_reasoning|reasoning_tokens|thoughtsTokenCount)$/, "reasoning"],
  [/^(output_audio_tokens|output_audio)$/, "outputAudio"],
  [/^(input|prompt_tokens|input_tokens|promptTokens)$/, "input"],
  [/^(output|completion_tokens|output_tokens|completionTokens)$/, "output"],
];

function readKinds(usage: Record<string, unknown>): Record<string, number> {
  const read: Record<string, number> = {};
  for (const [name, value] of Object.entries(usage)) {
    if (name === "total" || name === "unit" || name.endsWith("Cost") || value === null) continue;
    const kind = kinds.find(([pattern]) => pattern.test(name))?.[1];
    const tokens = count(usage, name) ?? 0;
    if (kind !== undefined) read[kind] = (read[kind] ?? 0) + tokens;
    // An unknown kind that counts something would be lost in silence: better the row is seen.
    else if (tokens > 0) throw new RowProblem("unknown_usage", `usage kind ${name.slice(0, 60)} is not known`);
  }
  return read;
}

function tokensOf(row: SourceRow): Record<string, unknown> {
  const details = objectOf(cell(row, "usageDetails")) ?? objectOf(cell(row, "usage_details"));
  if (details === null || Object.keys(details).length === 0) {
    return {
      input_tokens: count(row, "promptTokens", "inputUsage", "usage.input", "usage.promptTokens", "prompt_tokens"),
      output_tokens: count(row, "completionTokens", "outputUsage", "usage.output", "usage.completionTokens", "completion_tokens"),
    };
  }
  const {
    cached = 0,
    written = 0,
    written1h = 0,
    inputAudio = 0,
    reasoning = 0,
    outputAudio = 0,
    input = 0,
    output = 0,
  } = readKinds(details);
  return {
    input_tokens: input + cached + written + written1h + inputAudio,
    cached_input_tokens: cached || null,
    cache_write_5m_tokens: written || null,
    cache_write_1h_tokens: written1h || null,
    input_audio_tokens: inputAudio || null,
    output_tokens: output + reasoning + outputAudio,
    reasoning_tokens: reasoning || null,
    output_audio_tokens: outputAudio || null,
  };
}

/** Observations as Langfuse exports them: CSV or JSON of the page, JSONL of the blob export. Only generations cost; other spans are left out. */
export const langfuse: Adapter = {
  id: "langfuse",
  label: "Langfuse observations",
  comesFrom: "Tracing → Observations → Export, or the scheduled export to a bucket.",
  kind: "requests",
  matches: (columns) =>
    (columns.has("traceId") || columns.has("trace_id")) && (columns.has("startTime") || columns.has("start_time")) && columns.has("type"),
  read(row, mapping) {
    const type = required(text(row, "type"), "type").toUpperCase();
    if (!generations.includes(type)) throw leftOut("no_call", `a ${type.toLowerCase().slice(0, 20)}, not a call to a model`);
    const { vendor, model } = splitModel(required(text(row, "providedModelName", "provided_model_name", "model"), "model"));
    const told = mapping.provider?.startsWith("=") ? mapping.provider.slice(1) : text(row, "metadata.ls_provider", "metadata.provider");
    const named = told ?? vendor;
    const started = required(moment(row, "startTime", "start_time"), "startTime");
    const isFailed = text(row, "level") === "ERROR";
    const fields = present({
      timestamp: started,
      provider: named === null ? required(vendorOfModel(model), "provider") : vendorNamed(named),
      model,
      endpoint: type === "EMBEDDING" ? "embeddings" : null,
      ...tokensOf(row),
      status: isFailed ? "error" : "success",
      latency_ms: between(started, moment(row, "endTime", "end_time")),
      time_to_first_token_ms: between(started, moment(row, "completionStartTime", "completion_start_time")),
      feature: text(row, "name", "traceName")?.slice(0, 200),
      user_id: text(row, "userId", "user_id"),
      session_id: text(row, "sessionId", "session_id"),
      trace_id: text(row, "traceId", "trace_id"),
      environment: text(row, "environment"),
      normalizer: "import.langfuse",
    });
    const cost = decimal(row, "costDetails.total", "cost_details.total", "totalCost", "total_cost", "calculatedTotalCost");
    return [{ id: text(row, "id"), fields, cost }];
  },
};
