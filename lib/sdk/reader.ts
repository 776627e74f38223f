import type { Usage } from "./event.ts";
import type { Json } from "./json.ts";

/** What a vendor's reply has told so far. */
export type Reading = {
  /** As served: the reply's name, not the request's. */
  model?: string;
  /** As served: a downgraded request says so here. */
  serviceTier?: string;
  region?: string;
  usage?: Usage;
  rawUsage?: Json;
  /** Output seen, in characters: the basis of an estimate when no usage arrives. */
  outputCharacters: number;
  /** The vendor said that the reply is complete. */
  isComplete: boolean;
  /** The reply is only the promise of one: it runs in the background and is fetched later under this id. */
  pendingId?: string;
  /** The vendor reported a failure inside a reply that began well. */
  errorCode?: string;
  /** The counts contradict each other (a part larger than its total): shown, never corrected. */
  isPartial?: boolean;
};

/** Reads one reply: either a JSON body, or the events of a stream one by one. */
export type Reader = {
  /** Name and version, kept with each record so that history can be read again by a better one. */
  normalizer: string;
  readBody: (body: unknown) => void;
  /** Says whether the event brought output, and whether it is the usage-only event that a caller gets only on request. */
  readEvent: (data: unknown) => { hasOutput: boolean; isUsageOnly: boolean };
  reading: () => Reading;
};

/** Totals must hold their parts; whoever breaks that is reported as told, and flagged. */
export function contradicts(usage: Usage): boolean {
  const input = [usage.cached_input_tokens, usage.cache_write_5m_tokens, usage.cache_write_1h_tokens].reduce<number>(
    (sum, count) => sum + (count ?? 0),
    0,
  );
  return input > (usage.input_tokens ?? 0) || (usage.reasoning_tokens ?? 0) > (usage.output_tokens ?? 0);
}
