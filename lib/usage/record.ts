import type { Money } from "../core/money.ts";
import { count, money, type RequestRow, text, textOrNull, toRequestRow, type Wire } from "./rows.ts";

/** One line of a receipt: quantity × rate / per = amount, all exact decimals as text. */
export type ReceiptLine = {
  unit: string;
  quantity: string;
  rate: string | null;
  per: string | null;
  multipliers: string | null;
  amount: Money;
  source: string | null;
};

/** One request with everything that explains what it cost. */
export type UsageRecord = RequestRow & {
  region: string | null;
  source: string;
  session_id: string | null;
  trace_id: string | null;
  operation_id: string | null;
  cache_hit: boolean | null;
  received_at: string | null;
  leaves: readonly { name: string; tokens: number }[];
  otherUnits: readonly { name: string; quantity: string }[];
  tags: Wire | null;
  metadata: Wire | null;
  rawUsage: unknown;
  receipt: readonly ReceiptLine[];
  card: {
    id: string;
    platform: string;
    model: string;
    matchedAlias: string | null;
    serviceTier: string | null;
    region: string | null;
  } | null;
};

const LEAVES = [
  "fresh_input_tokens",
  "cached_input_tokens",
  "cache_write_5m_tokens",
  "cache_write_1h_tokens",
  "input_audio_tokens",
  "cached_input_audio_tokens",
  "visible_output_tokens",
  "reasoning_tokens",
  "output_audio_tokens",
] as const;

const UNIT_LABELS: Record<string, string> = {
  input_tokens: "Input tokens",
  fresh_input_tokens: "Fresh input tokens",
  cached_input_tokens: "Cached input tokens",
  cache_write_5m_tokens: "Cache write tokens, 5 min",
  cache_write_1h_tokens: "Cache write tokens, 1 h",
  input_audio_tokens: "Input audio tokens",
  cached_input_audio_tokens: "Cached input audio tokens",
  output_tokens: "Output tokens",
  visible_output_tokens: "Output tokens",
  reasoning_tokens: "Reasoning tokens",
  output_audio_tokens: "Output audio tokens",
  web_search_calls: "Web searches",
  images: "Images",
  audio_seconds: "Audio seconds",
  requests: "Request fee",
};

/** A unit of the price lattice in words; one that is not known here keeps its own name. */
export function unitLabel(unit: string): string {
  return UNIT_LABELS[unit] ?? unit.replaceAll("_", " ");
}

export function toRecord(wire: Wire): UsageRecord {
  const card = objectOrNull(wire.card);
  return {
    ...toRequestRow(wire),
    region: textOrNull(wire.region),
    source: text(wire.source),
    session_id: textOrNull(wire.session_id),
    trace_id: textOrNull(wire.trace_id),
    operation_id: textOrNull(wire.operation_id),
    cache_hit: typeof wire.cache_hit === "boolean" ? wire.cache_hit : null,
    received_at: textOrNull(wire.received_at),
    leaves: LEAVES.map((name) => ({ name, tokens: count(wire[name]) })).filter((leaf) => leaf.tokens > 0),
    otherUnits: Object.entries(objectOrNull(wire.other_units) ?? {}).map(([name, quantity]) => ({ name, quantity: text(quantity) })),
    tags: objectOrNull(wire.tags),
    metadata: objectOrNull(wire.metadata),
    rawUsage: wire.raw_usage ?? null,
    receipt: Array.isArray(wire.receipt) ? wire.receipt.map((line) => toLine(line as Wire)) : [],
    card: card && {
      id: text(card.id),
      platform: text(card.platform),
      model: text(card.model),
      matchedAlias: textOrNull(card.matched_alias),
      serviceTier: textOrNull(card.service_tier),
      region: textOrNull(card.region),
    },
  };
}

function toLine(line: Wire): ReceiptLine {
  return {
    unit: text(line.unit),
    quantity: text(line.quantity),
    rate: textOrNull(line.rate),
    per: textOrNull(line.per),
    multipliers: multipliersText(line.multipliers),
    amount: line.amount === null || line.amount === undefined ? null : money(text(line.amount)),
    source: sourceText(line.source),
  };
}

/** `× 0.5 (batch)`: what a rate was multiplied with, in the order it was. */
function multipliersText(value: unknown): string | null {
  if (!Array.isArray(value) || value.length === 0) return null;
  return value
    .map((each: unknown) => {
      const step = objectOrNull(each);
      if (!step) return `× ${text(each)}`;
      const why = textOrNull(step.reason ?? step.name ?? step.kind);
      return `× ${text(step.factor ?? step.multiplier ?? step.value)}${why ? ` (${why})` : ""}`;
    })
    .join(" ");
}

function sourceText(value: unknown): string | null {
  const source = objectOrNull(value);
  return source ? textOrNull(source.name ?? source.url ?? source.source) : textOrNull(value);
}

function objectOrNull(value: unknown): Wire | null {
  return typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Wire) : null;
}
