import type { Adapter, SourceRow } from "../adapter.ts";
import { cell, count, decimal, flag, moment, objectOf, present, required, sum, text } from "../cells.ts";
import { splitModel, vendorNamed, vendorOfModel } from "../vendors.ts";

/**
 * Whether the prompt tokens leave cached ones out. Where the total is told, it decides: it is the sum of all parts or of two. Otherwise the
 * vendor does: Anthropic's own count leaves them out.
 */
function isExclusive(prompt: number, completion: number, cacheTokens: number, total: number | null, provider: string): boolean {
  if (total === prompt + completion + cacheTokens) return true;
  if (total === prompt + completion) return false;
  return provider === "anthropic";
}

function tokensOf(row: SourceRow, provider: string) {
  const prompt = count(row, "prompt_tokens", "Prompt Tokens");
  const completion = count(row, "completion_tokens", "Completion Tokens");
  const cached = count(row, "prompt_cache_read_tokens", "Prompt Cache Read Tokens");
  const written = count(row, "prompt_cache_write_tokens", "Prompt Cache Write Tokens");
  const cacheTokens = (cached ?? 0) + (written ?? 0);
  const total = count(row, "total_tokens", "Total Tokens");
  const exclusive = cacheTokens > 0 && isExclusive(prompt ?? 0, completion ?? 0, cacheTokens, total, provider);
  return {
    input_tokens: exclusive ? sum(prompt, cacheTokens) : prompt,
    cached_input_tokens: cached,
    cache_write_5m_tokens: written,
    output_tokens: completion,
    reasoning_tokens: count(row, "reasoning_tokens"),
    input_audio_tokens: count(row, "prompt_audio_tokens"),
    output_audio_tokens: count(row, "completion_audio_tokens"),
  };
}

/** What the vendor answered: below zero Helicone itself gave up or served from its cache. */
function outcomeOf(row: SourceRow): { status: string; error_code: string | null } {
  const written = text(row, "response_status", "status", "Status");
  const status = Number(written ?? "200");
  if (written === null || written.toLowerCase() === "success" || (status >= 200 && status < 400))
    return { status: "success", error_code: null };
  return { status: status === 408 || status === 504 || status === -2 ? "timeout" : "error", error_code: written.slice(0, 200) };
}

/** Requests as Helicone exports them: JSON, JSONL or CSV of the requests page, or of `POST /v1/request/query`. */
export const helicone: Adapter = {
  id: "helicone",
  label: "Helicone",
  comesFrom: "Requests → Export, or POST /v1/request/query.",
  kind: "requests",
  matches: (columns) =>
    columns.has("request_created_at") || (columns.has("Created At") && columns.has("Prompt Tokens") && columns.has("Completion Tokens")),
  read(row) {
    const written = required(text(row, "request_model", "model", "response_model", "model_override", "Model"), "model");
    const { vendor, model } = splitModel(written);
    const named = text(row, "provider", "Provider") ?? vendor;
    const provider = named === null || named.toUpperCase() === "CUSTOM" ? vendorOfModel(model) : vendorNamed(named);
    const properties = objectOf(cell(row, "request_properties")) ?? objectOf(cell(row, "properties")) ?? {};
    const tags = Object.fromEntries(Object.entries(properties).filter(([, value]) => typeof value === "string"));
    const latency = decimal(row, "delay_ms", "latency");
    const fields = present({
      timestamp: required(moment(row, "request_created_at", "Created At"), "request_created_at"),
      provider,
      model,
      ...tokensOf(row, provider ?? ""),
      ...outcomeOf(row),
      latency_ms: latency === null ? null : Math.round(Number(latency)),
      time_to_first_token_ms: count(row, "time_to_first_token"),
      cache_hit: flag(row, "cache_hit", "is_cached"),
      user_id: text(row, "request_user_id", "user_id", "User"),
      session_id: text(tags, "Helicone-Session-Id"),
      tags: Object.keys(tags).length > 0 ? tags : null,
      normalizer: "import.helicone",
    });
    return [{ id: text(row, "request_id", "Request ID", "id"), fields, cost: decimal(row, "cost", "costUSD", "cost_usd", "Cost") }];
  },
};
