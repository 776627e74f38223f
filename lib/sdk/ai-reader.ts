import type { Usage } from "./event.ts";
import { countIn, isJson, type Json, listIn, objectIn, textIn } from "./json.ts";
import { readRawUsage } from "./raw-usage.ts";
import { contradicts, type Reader, type Reading } from "./reader.ts";

/** Results and stream parts of the models of the Vercel `ai` package, specifications 2 to 4: language, embedding and image models. */
export function aiReader(): Reader {
  const reading: Reading = { outputCharacters: 0, isComplete: false };
  let searches = 0;

  const readUsage = (usage: Json | undefined, metadata: Json | undefined): void => {
    if (!usage) return;
    const raw = objectIn(usage, "raw");
    const own = raw && readRawUsage(raw);
    const counts = own?.counts ?? normalizedUsage(usage);
    reading.rawUsage = raw ?? usage;
    reading.usage = { ...counts, web_search_calls: counts.web_search_calls ?? (searches || undefined) };
    reading.isPartial = own ? own.isPartial : contradicts(counts);
    reading.serviceTier ??= textIn(raw, "service_tier") ?? tierIn(metadata);
    const region = textIn(raw, "inference_geo");
    if (region !== undefined && region !== "not_available") reading.region = region;
  };

  /** Searches that the vendor made itself, not the tool that was offered; opening a found page is no search. */
  const noteSearch = (part: unknown): void => {
    if (textIn(part, "type") !== "tool-result" || !/web_?search/i.test(textIn(part, "toolName") ?? "")) return;
    const action = objectIn(objectIn(part, "result") ?? objectIn(part, "output"), "action");
    if ((textIn(action, "type") ?? "search") === "search") searches++;
  };

  return {
    normalizer: "ai@1",
    readBody(result) {
      const response = objectIn(result, "response");
      reading.model = textIn(response, "modelId");
      reading.serviceTier = textIn(objectIn(response, "body"), "service_tier");
      for (const part of listIn(result, "content")) {
        noteSearch(part);
        reading.outputCharacters += (textIn(part, "text") ?? textIn(part, "input") ?? "").length;
      }
      readUsage(objectIn(result, "usage"), objectIn(result, "providerMetadata"));
      const images = listIn(result, "images").length;
      if (images > 0) reading.usage = { ...reading.usage, images };
      reading.isComplete = true;
    },
    readEvent(part) {
      const type = textIn(part, "type") ?? "";
      noteSearch(part);
      if (type === "response-metadata") reading.model = textIn(part, "modelId") ?? reading.model;
      if (type === "error") reading.errorCode = errorCodeOf(objectIn(part, "error"));
      if (type === "finish") {
        readUsage(objectIn(part, "usage"), objectIn(part, "providerMetadata"));
        // Providers also close a stream that its vendor broke off, with counts that nobody told.
        reading.isComplete = reading.usage?.output_tokens !== undefined || reading.errorCode !== undefined;
      }
      const length = type.endsWith("-delta") ? (textIn(part, "delta")?.length ?? 0) : 0;
      reading.outputCharacters += length;
      return { hasOutput: length > 0, isUsageOnly: false };
    },
    reading: () => reading,
  };
}

/** What the package made of the vendor's counts. Totals include their parts since specification 3; before, they are the vendor's. */
function normalizedUsage(usage: Json): Usage {
  const input = objectIn(usage, "inputTokens");
  const output = objectIn(usage, "outputTokens");
  const embedded = countIn(usage, "tokens");
  if (embedded !== undefined) return { input_tokens: embedded, output_tokens: 0 };
  if (!input && !output) {
    return {
      input_tokens: countIn(usage, "inputTokens"),
      cached_input_tokens: countIn(usage, "cachedInputTokens"),
      output_tokens: countIn(usage, "outputTokens"),
      reasoning_tokens: countIn(usage, "reasoningTokens"),
    };
  }
  return {
    input_tokens: countIn(input, "total"),
    cached_input_tokens: countIn(input, "cacheRead"),
    cache_write_5m_tokens: countIn(input, "cacheWrite"),
    output_tokens: countIn(output, "total"),
    reasoning_tokens: countIn(output, "reasoning"),
  };
}

/** The tier that was served, as the provider passes it on. */
function tierIn(metadata: Json | undefined): string | undefined {
  const ofVendor = Object.values(metadata ?? {}).filter(isJson);
  return ofVendor.map((told) => textIn(told, "serviceTier")).find((tier) => tier !== undefined);
}

/** The vendor's own code of an `APICallError`, else its status or the error's name. */
export function errorCodeOf(error: unknown): string {
  const data = objectIn(error, "data");
  const told = objectIn(data, "error") ?? data;
  const status = countIn(error, "statusCode");
  const code = textIn(told, "code") ?? textIn(told, "type") ?? textIn(told, "status") ?? textIn(error, "code");
  return code ?? (status === undefined ? (textIn(error, "name") ?? "stream_error") : `http_${status}`);
}
