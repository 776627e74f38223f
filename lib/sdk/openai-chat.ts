import type { Usage } from "./event.ts";
import { countIn, isJson, type Json, listIn, objectIn, textIn } from "./json.ts";
import { contradicts, type Reader, type Reading } from "./reader.ts";

/** Chat completions, legacy completions and embeddings of OpenAI and everybody who speaks the same format. */
export function openAiChatReader(): Reader {
  const reading: Reading = { outputCharacters: 0, isComplete: false };

  const readCommon = (body: unknown): void => {
    reading.model = textIn(body, "model") ?? reading.model;
    reading.serviceTier = textIn(body, "service_tier") ?? reading.serviceTier;
    // The last snapshot counts, never a sum: some vendors send usage with every chunk.
    const raw = objectIn(body, "usage");
    if (!raw) return;
    reading.rawUsage = raw;
    reading.usage = chatUsage(raw);
    reading.isPartial = contradicts(reading.usage);
  };

  return {
    normalizer: "openai-chat@1",
    readBody(body) {
      readCommon(body);
      for (const choice of listIn(body, "choices")) {
        reading.outputCharacters += outputLength(objectIn(choice, "message")) + (textIn(choice, "text")?.length ?? 0);
      }
      reading.isComplete = true;
    },
    readEvent(data) {
      if (data === "[DONE]") {
        reading.isComplete = true;
        return { hasOutput: false, isUsageOnly: false };
      }
      readCommon(data);
      const failure = objectIn(data, "error");
      if (failure) reading.errorCode = textIn(failure, "code") ?? textIn(failure, "type") ?? "stream_error";
      const choices = listIn(data, "choices");
      const length = choices.reduce<number>(
        (sum, choice) => sum + outputLength(objectIn(choice, "delta")) + (textIn(choice, "text")?.length ?? 0),
        0,
      );
      reading.outputCharacters += length;
      // Some vendors end without [DONE]; a reason to finish says the same.
      if (choices.some((choice) => textIn(choice, "finish_reason") !== undefined)) reading.isComplete = true;
      return { hasOutput: length > 0, isUsageOnly: isUsageOnly(data) };
    },
    reading: () => reading,
  };
}

/** OpenAI counts cached, written and audio tokens inside the prompt; DeepSeek names the cached ones differently. */
export function chatUsage(raw: Json): Usage {
  const input = objectIn(raw, "prompt_tokens_details");
  const output = objectIn(raw, "completion_tokens_details");
  return {
    input_tokens: countIn(raw, "prompt_tokens"),
    cached_input_tokens: countIn(input, "cached_tokens") ?? countIn(raw, "prompt_cache_hit_tokens"),
    cache_write_5m_tokens: countIn(input, "cache_write_tokens"),
    input_audio_tokens: countIn(input, "audio_tokens"),
    output_tokens: countIn(raw, "completion_tokens") ?? (countIn(raw, "prompt_tokens") === undefined ? undefined : 0),
    reasoning_tokens: countIn(output, "reasoning_tokens"),
    output_audio_tokens: countIn(output, "audio_tokens"),
  };
}

const isUsageOnly = (data: unknown): boolean =>
  isJson(data) && Array.isArray(data.choices) && data.choices.length === 0 && isJson(data.usage);

/** Characters of text, reasoning, refusal and tool arguments in a message or a delta. */
function outputLength(message: Json | undefined): number {
  const texts = ["content", "reasoning_content", "reasoning", "refusal"].map((key) => textIn(message, key)?.length ?? 0);
  const calls = listIn(message, "tool_calls").map((call) => {
    const called = objectIn(call, "function");
    return (textIn(called, "name")?.length ?? 0) + (textIn(called, "arguments")?.length ?? 0);
  });
  return [...texts, ...calls].reduce((sum, length) => sum + length, 0);
}
