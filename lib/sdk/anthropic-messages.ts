import type { Usage } from "./event.ts";
import { countIn, type Json, listIn, objectIn, textIn } from "./json.ts";
import { contradicts, type Reader, type Reading } from "./reader.ts";

/** Anthropic's Messages API. */
export function anthropicMessagesReader(): Reader {
  const reading: Reading = { outputCharacters: 0, isComplete: false };
  let raw: Json = {};

  /** A stream tells usage at its start and cumulatively near its end: later values replace earlier ones, null says nothing. */
  const readUsage = (usage: Json | undefined): void => {
    if (!usage) return;
    raw = { ...raw, ...Object.fromEntries(Object.entries(usage).filter(([, value]) => value !== null)) };
    const { counts, isPartial } = messagesUsage(raw);
    const region = textIn(raw, "inference_geo");
    reading.rawUsage = raw;
    reading.usage = counts;
    reading.isPartial = isPartial;
    reading.serviceTier = textIn(raw, "speed") === "fast" ? "fast" : textIn(raw, "service_tier");
    reading.region = region === "not_available" ? undefined : region;
  };

  return {
    normalizer: "anthropic-messages@1",
    readBody(body) {
      reading.model = textIn(body, "model");
      readUsage(objectIn(body, "usage"));
      reading.outputCharacters = listIn(body, "content").reduce<number>((sum, block) => sum + blockLength(block), 0);
      reading.isComplete = true;
    },
    readEvent(data) {
      let length = 0;
      switch (textIn(data, "type")) {
        case "message_start": {
          const message = objectIn(data, "message");
          reading.model = textIn(message, "model");
          readUsage(objectIn(message, "usage"));
          break;
        }
        case "content_block_delta":
          length = blockLength(objectIn(data, "delta"));
          break;
        case "message_delta":
          readUsage(objectIn(data, "usage"));
          break;
        case "message_stop":
          reading.isComplete = true;
          break;
        case "error":
          reading.errorCode = textIn(objectIn(data, "error"), "type") ?? "stream_error";
      }
      reading.outputCharacters += length;
      return { hasOutput: length > 0, isUsageOnly: false };
    },
    reading: () => reading,
  };
}

/** Anthropic counts cache reads and writes outside `input_tokens`; ours is the total of all three. */
export function messagesUsage(raw: Json): { counts: Usage; isPartial: boolean } {
  const fresh = countIn(raw, "input_tokens");
  const read = countIn(raw, "cache_read_input_tokens");
  const written = countIn(raw, "cache_creation_input_tokens");
  const split = objectIn(raw, "cache_creation");
  const hour = countIn(split, "ephemeral_1h_input_tokens");
  const minutes = countIn(split, "ephemeral_5m_input_tokens") ?? written;
  const counts: Usage = {
    input_tokens: fresh === undefined ? undefined : fresh + (read ?? 0) + (written ?? 0),
    cached_input_tokens: read,
    cache_write_5m_tokens: minutes,
    cache_write_1h_tokens: hour,
    output_tokens: countIn(raw, "output_tokens"),
    reasoning_tokens: countIn(objectIn(raw, "output_tokens_details"), "thinking_tokens"),
    web_search_calls: countIn(objectIn(raw, "server_tool_use"), "web_search_requests") || undefined,
  };
  const isSplitWrong = split !== undefined && (minutes ?? 0) + (hour ?? 0) !== (written ?? 0);
  return { counts, isPartial: isSplitWrong || contradicts(counts) };
}

/** Characters of text, thinking and tool input, in a block or a delta. */
function blockLength(block: unknown): number {
  const texts = ["text", "thinking", "partial_json"].map((key) => textIn(block, key)?.length ?? 0);
  const input = objectIn(block, "input");
  return texts.reduce((sum, length) => sum + length, input ? JSON.stringify(input).length : 0);
}
