import type { Usage } from "./event.ts";
import { countIn, isJson, type Json, listIn, objectIn, textIn } from "./json.ts";
import { contradicts, type Reader, type Reading } from "./reader.ts";

/** Bedrock's `Converse` and `ConverseStream`, as the client has parsed them. */
export function converseReader(): Reader {
  const reading: Reading = { outputCharacters: 0, isComplete: false };

  const readMetadata = (part: unknown): void => {
    const raw = objectIn(part, "usage");
    if (raw) {
      const { counts, isPartial } = conversedUsage(raw);
      reading.rawUsage = raw;
      reading.usage = counts;
      reading.isPartial = isPartial;
    }
    // Lower latency has a price of its own.
    const latency = textIn(objectIn(part, "performanceConfig"), "latency");
    const tier = latency === "optimized" ? latency : textIn(objectIn(part, "serviceTier"), "type");
    reading.serviceTier = tier ?? reading.serviceTier;
    // A prompt router says which model it chose.
    reading.model = textIn(objectIn(objectIn(part, "trace"), "promptRouter"), "invokedModelId") ?? reading.model;
  };

  return {
    normalizer: "bedrock-converse@1",
    readBody(data) {
      const output = objectIn(data, "output");
      readMetadata(output);
      const message = objectIn(objectIn(output, "output"), "message");
      reading.outputCharacters = listIn(message, "content").reduce<number>((sum, block) => sum + blockLength(block), 0);
      reading.isComplete = true;
    },
    readEvent(data) {
      const failure = isJson(data) ? Object.keys(data).find((key) => key.endsWith("Exception")) : undefined;
      if (failure) reading.errorCode = failure;
      const metadata = objectIn(data, "metadata");
      if (metadata) {
        readMetadata(metadata);
        // It closes the stream; without it nothing is known for certain.
        reading.isComplete = true;
      }
      const length = blockLength(objectIn(objectIn(data, "contentBlockDelta"), "delta"));
      reading.outputCharacters += length;
      return { hasOutput: length > 0, isUsageOnly: false };
    },
    reading: () => reading,
  };
}

/** Bedrock counts cache reads and writes outside `inputTokens`; writes are told by lifetime where the model has two. */
export function conversedUsage(raw: Json): { counts: Usage; isPartial: boolean } {
  const fresh = countIn(raw, "inputTokens");
  const read = countIn(raw, "cacheReadInputTokens") ?? countIn(raw, "cacheReadInputTokenCount");
  const written = countIn(raw, "cacheWriteInputTokens") ?? countIn(raw, "cacheWriteInputTokenCount");
  const details = listIn(raw, "cacheDetails");
  const ofLifetime = (ttl: string): number | undefined => {
    const found = details.filter((detail) => textIn(detail, "ttl") === ttl);
    return found.length === 0 ? undefined : found.reduce<number>((sum, detail) => sum + (countIn(detail, "inputTokens") ?? 0), 0);
  };
  const hour = ofLifetime("1h");
  const minutes = details.length > 0 ? ofLifetime("5m") : written;
  const counts: Usage = {
    input_tokens: fresh === undefined ? undefined : fresh + (read ?? 0) + (written ?? 0),
    cached_input_tokens: read,
    cache_write_5m_tokens: minutes,
    cache_write_1h_tokens: hour,
    output_tokens: countIn(raw, "outputTokens") ?? (fresh === undefined ? undefined : 0),
  };
  const isSplitWrong = details.length > 0 && (minutes ?? 0) + (hour ?? 0) !== (written ?? 0);
  return { counts, isPartial: isSplitWrong || contradicts(counts) };
}

/** Characters of text, thoughts and called tools, in a block or a piece of one. */
function blockLength(block: unknown): number {
  const thought = objectIn(block, "reasoningContent");
  const tool = objectIn(block, "toolUse");
  const texts = [textIn(block, "text"), textIn(thought, "text"), textIn(objectIn(thought, "reasoningText"), "text"), textIn(tool, "input")];
  const input = objectIn(tool, "input");
  return texts.reduce((sum, text) => sum + (text?.length ?? 0), input ? JSON.stringify(input).length : 0);
}
