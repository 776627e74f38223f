import type { Usage } from "./event.ts";
import { countIn, isJson, type Json, listIn, objectIn, textIn } from "./json.ts";
import { contradicts, type Reader, type Reading } from "./reader.ts";

const FINAL = new Set(["response.completed", "response.incomplete", "response.failed"]);
const PENDING = new Set(["queued", "in_progress"]);

/** OpenAI's Responses API. */
export function openAiResponsesReader(): Reader {
  const reading: Reading = { outputCharacters: 0, isComplete: false };

  const readResponse = (response: unknown): void => {
    reading.model = textIn(response, "model") ?? reading.model;
    reading.serviceTier = textIn(response, "service_tier") ?? reading.serviceTier;
    const raw = objectIn(response, "usage");
    if (!raw) return;
    reading.rawUsage = raw;
    const images = finished(response, "image_generation_call");
    reading.usage = { ...responsesUsage(raw), ...searches(response), images: images || undefined };
    // Pictures made on the way are charged beside these tokens, and nothing tells how much.
    reading.isPartial = images > 0 || contradicts(reading.usage);
  };

  return {
    normalizer: "openai-responses@1",
    readBody(body) {
      readResponse(body);
      if (PENDING.has(textIn(body, "status") ?? "")) reading.pendingId = textIn(body, "id");
      const parts = listIn(body, "output").flatMap((item) => [item, ...listIn(item, "content")]);
      reading.outputCharacters = parts.reduce<number>(
        (sum, part) => sum + (textIn(part, "text")?.length ?? 0) + (textIn(part, "arguments")?.length ?? 0),
        0,
      );
      reading.errorCode = textIn(objectIn(body, "error"), "code");
      reading.isComplete = true;
    },
    readEvent(data) {
      const type = textIn(data, "type") ?? "";
      const response = objectIn(data, "response");
      if (response) readResponse(response);
      if (type === "error") reading.errorCode = textIn(data, "code") ?? "stream_error";
      if (type === "response.failed") reading.errorCode = textIn(objectIn(response, "error"), "code") ?? "failed";
      if (FINAL.has(type)) reading.isComplete = true;
      const delta = type.endsWith(".delta") ? (textIn(data, "delta")?.length ?? 0) : 0;
      reading.outputCharacters += delta;
      return { hasOutput: delta > 0, isUsageOnly: false };
    },
    reading: () => reading,
  };
}

export function responsesUsage(raw: Json): Usage {
  const input = objectIn(raw, "input_tokens_details");
  return {
    input_tokens: countIn(raw, "input_tokens"),
    cached_input_tokens: countIn(input, "cached_tokens"),
    cache_write_5m_tokens: countIn(input, "cache_write_tokens"),
    input_audio_tokens: countIn(input, "audio_tokens"),
    output_tokens: countIn(raw, "output_tokens"),
    reasoning_tokens: countIn(objectIn(raw, "output_tokens_details"), "reasoning_tokens"),
  };
}

/** Searches that were made, not the tool that was offered; opening a found page is no search. */
function searches(response: unknown): Usage {
  const calls = listIn(response, "output").filter(
    (item) => isJson(item) && item.type === "web_search_call" && (textIn(objectIn(item, "action"), "type") ?? "search") === "search",
  );
  return calls.length > 0 ? { web_search_calls: calls.length } : {};
}

const finished = (response: unknown, type: string): number =>
  listIn(response, "output").filter((item) => isJson(item) && item.type === type && item.status !== "failed").length;
