/**
 * A provider's count over a time holds many requests, but what a token costs can depend on how large its request was. One record over the
 * whole bucket would be priced as one huge request. So a bucket is cut into equal parts, as few as keep each in the size of the requests
 * it counts. Tokens are never added or lost: the parts sum to the bucket, kind by kind.
 */
export type BucketTokens = {
  fresh: number;
  cached: number;
  cache_write_5m: number;
  cache_write_1h: number;
  input_audio: number;
  output: number;
  output_audio: number;
  web_search_calls: number | null;
};

/** Below every size at which a vendor's price changes. */
const smallRequest = 100_000;
const mostParts = 2_000;

/**
 * How many parts a bucket of `input` tokens takes.
 * @param requests how many requests it counts, when the source says so: their average decides, and there are never more parts.
 * @param largest the most tokens a part may have, when the source names the size (`Infinity` for "large ones only").
 */
export function partsOf(input: number, requests: number | null, largest: number = smallRequest): number {
  const bySize = largest === Number.POSITIVE_INFINITY ? 1 : Math.ceil(input / largest);
  return Math.max(1, Math.min(bySize, requests ?? bySize, mostParts));
}

/** Part `index` of `parts` of a whole number: they differ by one at most and sum to it. */
export const shareOf = (whole: number, index: number, parts: number): number => {
  const [total, place, of] = [BigInt(whole), BigInt(index), BigInt(parts)];
  return Number((total * (place + 1n)) / of - (total * place) / of);
};

/** The usage fields of one part. Each kind is cut by itself and the totals are made of the pieces, so that no part contradicts itself. */
export function partOf(tokens: BucketTokens, index: number, parts: number): Record<string, number | null> {
  const cut = (whole: number): number => (parts === 1 ? whole : shareOf(whole, index, parts));
  const cached = cut(tokens.cached);
  const write5m = cut(tokens.cache_write_5m);
  const write1h = cut(tokens.cache_write_1h);
  const audio = cut(tokens.input_audio);
  const outputAudio = cut(tokens.output_audio);
  return {
    input_tokens: cut(tokens.fresh) + cached + write5m + write1h + audio,
    cached_input_tokens: cached,
    cache_write_5m_tokens: write5m || null,
    cache_write_1h_tokens: write1h || null,
    input_audio_tokens: audio || null,
    output_tokens: cut(tokens.output) + outputAudio,
    output_audio_tokens: outputAudio || null,
    web_search_calls: tokens.web_search_calls === null ? null : cut(tokens.web_search_calls) || null,
  };
}
