import type { Adapter, SourceRow } from "../adapter.ts";
import { between, cell, count, decimal, flag, moment, objectOf, present, required, text } from "../cells.ts";
import { splitModel, vendorNamed, vendorOfModel } from "../vendors.ts";

/** Token kinds live in the log's metadata, under one of two names, in the words of OpenAI and of Anthropic. */
function tokenKinds(row: SourceRow) {
  const metadata = objectOf(cell(row, "metadata")) ?? {};
  const usage = { ...objectOf(metadata.usage_object), ...objectOf(metadata.additional_usage_values) };
  return {
    cached: count(usage, "cache_read_input_tokens", "prompt_tokens_details.cached_tokens"),
    written: count(usage, "cache_creation_input_tokens"),
    written1h: count(usage, "cache_creation.ephemeral_1h_input_tokens"),
    reasoning: count(usage, "completion_tokens_details.reasoning_tokens"),
    inputAudio: count(usage, "prompt_tokens_details.audio_tokens"),
    outputAudio: count(usage, "completion_tokens_details.audio_tokens"),
  };
}

const endpoints: Record<string, string> = {
  completion: "chat.completions",
  acompletion: "chat.completions",
  embedding: "embeddings",
  aembedding: "embeddings",
  responses: "responses",
  aresponses: "responses",
  anthropic_messages: "messages",
  image_generation: "images",
  aimage_generation: "images",
};

/** `LiteLLM_SpendLogs` of the proxy's database, as CSV, JSON or JSONL. Its prompt tokens include cached ones. */
export const litellm: Adapter = {
  id: "litellm",
  label: "LiteLLM spend logs",
  comesFrom: "The table LiteLLM_SpendLogs of the proxy's database, or GET /spend/logs.",
  kind: "requests",
  matches: (columns) => columns.has("startTime") && columns.has("spend") && columns.has("prompt_tokens"),
  read(row) {
    const { vendor, model } = splitModel(required(text(row, "model"), "model"));
    const named = text(row, "custom_llm_provider") ?? vendor;
    const started = required(moment(row, "startTime"), "startTime");
    const ended = moment(row, "endTime");
    const kinds = tokenKinds(row);
    const isFailed = text(row, "status") === "failure";
    const callType = text(row, "call_type");
    const written5m = kinds.written === null ? null : Math.max(kinds.written - (kinds.written1h ?? 0), 0);
    const tags = present({ litellm_team: text(row, "team_id"), litellm_model_group: text(row, "model_group") });
    const fields = present({
      timestamp: started,
      provider: named === null ? vendorOfModel(model) : vendorNamed(named),
      model,
      endpoint: callType === null ? null : (endpoints[callType] ?? callType.slice(0, 64)),
      input_tokens: count(row, "prompt_tokens"),
      cached_input_tokens: kinds.cached,
      cache_write_5m_tokens: written5m,
      cache_write_1h_tokens: kinds.written1h,
      input_audio_tokens: kinds.inputAudio,
      output_tokens: count(row, "completion_tokens"),
      reasoning_tokens: kinds.reasoning,
      output_audio_tokens: kinds.outputAudio,
      status: isFailed ? "error" : "success",
      latency_ms: between(started, ended),
      time_to_first_token_ms: between(started, moment(row, "completionStartTime")),
      cache_hit: flag(row, "cache_hit"),
      user_id: text(row, "end_user", "user"),
      session_id: text(row, "session_id"),
      tags: Object.keys(tags).length > 0 ? tags : null,
      normalizer: "import.litellm",
    });
    return [{ id: text(row, "request_id"), fields, cost: decimal(row, "spend") }];
  },
};
