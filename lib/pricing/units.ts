/** A price key of the catalogue → unit of the price book and the number of units its price is for. */
export interface PricedUnit {
  unit: string;
  /** Power of ten to divide by; the rate is then per one unit. */
  power?: number;
  /** A divisor that is no power of ten stays beside the rate, because the quotient need not end. */
  per?: number;
}

const perMillion = (unit: string): PricedUnit => ({ unit, power: 6 });
const perThousand = (unit: string): PricedUnit => ({ unit, power: 3 });
const perHour = (unit: string): PricedUnit => ({ unit, per: 3600 });

/**
 * Token units are the disjoint leaves of a usage record. Image and video tokens have no leaf: they are units of their own,
 * billed only when a record counts them beside its leaves.
 */
export const pricedUnits: Readonly<Record<string, PricedUnit>> = {
  input_mtok: perMillion("input_tokens"),
  cache_read_mtok: perMillion("cached_input_tokens"),
  // Vendors with one write price mean the default lifetime; the hour has a key of its own.
  cache_write_mtok: perMillion("cache_write_5m_tokens"),
  cache_write_1h_mtok: perMillion("cache_write_1h_tokens"),
  input_audio_mtok: perMillion("input_audio_tokens"),
  cache_audio_read_mtok: perMillion("cached_input_audio_tokens"),
  output_mtok: perMillion("output_tokens"),
  output_reasoning_mtok: perMillion("reasoning_tokens"),
  output_audio_mtok: perMillion("output_audio_tokens"),
  input_image_mtok: perMillion("input_image_tokens"),
  cache_image_read_mtok: perMillion("cached_input_image_tokens"),
  output_image_mtok: perMillion("output_image_tokens"),
  input_video_mtok: perMillion("input_video_tokens"),
  output_video_mtok: perMillion("output_video_tokens"),
  output_citation_mtok: perMillion("output_citation_tokens"),
  audio_hours: perHour("audio_seconds"),
  input_audio_hours: perHour("input_audio_seconds"),
  web_searches_kcount: perThousand("web_search_calls"),
  storage_searches_kcount: perThousand("file_search_calls"),
  requests_kcount: perThousand("requests"),
  input_document_kpages: perThousand("document_pages"),
  input_annotated_document_kpages: perThousand("annotated_document_pages"),
  input_text_messages_kcount: perThousand("text_messages"),
};
