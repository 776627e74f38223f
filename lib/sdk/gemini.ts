import type { Usage } from "./event.ts";
import { countIn, isJson, type Json, listIn, objectIn, textIn } from "./json.ts";
import { contradicts, type Reader, type Reading } from "./reader.ts";

/** Google's `generateContent`, `embedContent` and `predict`, at the Gemini API and at Vertex. */
export function geminiReader(): Reader {
  const reading: Reading = { outputCharacters: 0, isComplete: false };
  const searches = new Set<string>();

  const read = (body: unknown): number => {
    reading.model = textIn(body, "modelVersion") ?? reading.model;
    readUsage(objectIn(body, "usageMetadata"));
    readPredictions(listIn(body, "predictions"));
    const candidates = listIn(body, "candidates");
    for (const candidate of candidates) {
      for (const query of listIn(objectIn(candidate, "groundingMetadata"), "webSearchQueries")) searches.add(String(query));
    }
    if (searches.size > 0) reading.usage = { ...reading.usage, web_search_calls: searchesCharged(reading.model, searches.size) };
    if (candidates.some((candidate) => textIn(candidate, "finishReason") !== undefined)) reading.isComplete = true;
    if (textIn(objectIn(body, "promptFeedback"), "blockReason")) reading.isComplete = true;
    const length = candidates.reduce<number>((sum, candidate) => sum + candidateLength(candidate), 0);
    reading.outputCharacters += length;
    return length;
  };

  // The last snapshot counts: a stream repeats its usage with every chunk.
  const readUsage = (raw: Json | undefined): void => {
    if (!raw) return;
    const { counts, isPartial } = geminiUsage(raw);
    reading.rawUsage = raw;
    reading.usage = counts;
    reading.isPartial = isPartial;
    reading.serviceTier = TIERS[textIn(raw, "trafficType") ?? ""] ?? textIn(raw, "serviceTier");
  };

  /** Vertex tells per prediction what it counted; pictures are counted themselves. */
  const readPredictions = (predictions: unknown[]): void => {
    const counted = predictions.map((item) => countIn(objectIn(objectIn(item, "embeddings"), "statistics"), "token_count"));
    const pictures = predictions.filter((item) => textIn(item, "bytesBase64Encoded") !== undefined || textIn(item, "gcsUri") !== undefined);
    if (pictures.length > 0) reading.usage = { images: pictures.length };
    else if (counted.length > 0 && counted.every((count) => count !== undefined)) {
      reading.usage = { input_tokens: counted.reduce((sum, count) => sum + count, 0), output_tokens: 0 };
    }
  };

  return {
    normalizer: "gemini@1",
    readBody(body) {
      // A stream that was not asked for as events comes as a list.
      for (const part of Array.isArray(body) ? body : [body]) read(part);
      reading.isComplete = true;
    },
    readEvent(data) {
      const failure = objectIn(data, "error");
      if (failure) reading.errorCode = textIn(failure, "status") ?? "stream_error";
      return { hasOutput: read(data) > 0, isUsageOnly: false };
    },
    reading: () => reading,
  };
}

const TIERS: Record<string, string> = {
  ON_DEMAND: "standard",
  ON_DEMAND_PRIORITY: "priority",
  ON_DEMAND_FLEX: "flex",
  ON_DEMAND_OFFPEAK: "offpeak",
  PROVISIONED_THROUGHPUT: "provisioned",
};

/**
 * Google counts cached tokens inside the prompt, but thoughts beside the candidates and the results of tools beside the prompt. Pictures
 * that were made have a price of their own, which no field of an event can carry: such a record is flagged.
 */
export function geminiUsage(raw: Json): { counts: Usage; isPartial: boolean } {
  const prompt = countIn(raw, "promptTokenCount");
  const toolResults = countIn(raw, "toolUsePromptTokenCount");
  const candidates = countIn(raw, "candidatesTokenCount");
  const thoughts = countIn(raw, "thoughtsTokenCount");
  const total = countIn(raw, "totalTokenCount");
  const input = prompt === undefined ? undefined : prompt + (toolResults ?? 0);
  const output =
    candidates === undefined && thoughts === undefined && prompt === undefined ? undefined : (candidates ?? 0) + (thoughts ?? 0);
  const spoken = sumOf(ofModality(raw, "promptTokensDetails", "AUDIO"), ofModality(raw, "toolUsePromptTokensDetails", "AUDIO"));
  const counts: Usage = {
    input_tokens: input,
    cached_input_tokens: countIn(raw, "cachedContentTokenCount"),
    input_audio_tokens: spoken,
    cached_input_audio_tokens: ofModality(raw, "cacheTokensDetails", "AUDIO"),
    output_tokens: output,
    reasoning_tokens: thoughts,
    output_audio_tokens: ofModality(raw, "candidatesTokensDetails", "AUDIO"),
  };
  const isSumWrong = total !== undefined && total !== (input ?? 0) + (output ?? 0);
  const madePictures = (ofModality(raw, "candidatesTokensDetails", "IMAGE") ?? 0) > 0;
  return { counts, isPartial: isSumWrong || madePictures || contradicts(counts) };
}

function ofModality(raw: Json, list: string, modality: string): number | undefined {
  const found = listIn(raw, list).filter((entry) => isJson(entry) && entry.modality === modality);
  return found.length === 0 ? undefined : found.reduce<number>((sum, entry) => sum + (countIn(entry, "tokenCount") ?? 0), 0);
}

const sumOf = (a: number | undefined, b: number | undefined): number | undefined =>
  a === undefined && b === undefined ? undefined : (a ?? 0) + (b ?? 0);

/** Up to the generation 2.5 a grounded prompt is charged once, from generation 3 on each distinct query. */
const searchesCharged = (model: string | undefined, queries: number): number => (/gemini-[12](\.|-|$)/.test(model ?? "") ? 1 : queries);

/** Characters of text, thoughts and called functions. */
function candidateLength(candidate: unknown): number {
  return listIn(objectIn(candidate, "content"), "parts").reduce<number>((sum, part) => {
    const called = objectIn(part, "functionCall");
    return sum + (textIn(part, "text")?.length ?? 0) + (called ? JSON.stringify(called.args ?? {}).length : 0);
  }, 0);
}
