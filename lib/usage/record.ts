import type { Money } from "../core/money.ts";
import { count, money, type RequestRow, text, textOrNull, toRequestRow, type Wire } from "./rows.ts";

/** One line of a receipt: billed quantity × rate / per = amount, all exact decimals as text. */
export type ReceiptLine = {
  unit: string;
  quantity: string;
  /** More than the quantity where a vendor bills a minimum. */
  billedQuantity: string;
  rate: Money;
  per: number;
  /** How the rate came about, in words: multipliers of the list, a discount, a rate borrowed from another unit. */
  notes: readonly string[];
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
  recorded_at: string | null;
  parts: readonly { name: string; tokens: number }[];
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

/** Parts of the inclusive totals, as the record names them. */
const PARTS = [
  "cached_input_tokens",
  "cache_write_5m_tokens",
  "cache_write_1h_tokens",
  "input_audio_tokens",
  "reasoning_tokens",
  "output_audio_tokens",
] as const;

const UNIT_LABELS: Record<string, string> = {
  input_tokens: "Input tokens",
  cached_input_tokens: "Cached input tokens",
  cache_write_5m_tokens: "Cache write tokens, 5 min",
  cache_write_1h_tokens: "Cache write tokens, 1 h",
  input_audio_tokens: "Input audio tokens",
  cached_input_audio_tokens: "Cached input audio tokens",
  output_tokens: "Output tokens",
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
    recorded_at: textOrNull(wire.recorded_at),
    parts: PARTS.map((name) => ({ name, tokens: count(wire[name]) })).filter((part) => part.tokens > 0),
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
      serviceTier: text(card.service_tier) || null,
      region: text(card.region) || null,
    },
  };
}

function toLine(line: Wire): ReceiptLine {
  return {
    unit: text(line.unit),
    quantity: text(line.quantity),
    billedQuantity: text(line.billed_quantity ?? line.quantity),
    rate: money(line.rate),
    per: count(line.per) || 1,
    notes: notesOf(line),
    amount: money(line.amount),
    source: textOrNull(line.source),
  };
}

function notesOf(line: Wire): string[] {
  const steps = Array.isArray(line.multipliers) ? line.multipliers : [];
  const notes = steps.map((each: unknown) => {
    const step = objectOrNull(each) ?? {};
    return `× ${text(step.factor)} ${text(step.label)}`.trim();
  });
  if (line.discount_percent) notes.push(`${text(line.discount_percent)} % negotiated discount`);
  if (line.borrowed_from) notes.push(`at the rate of ${unitLabel(text(line.borrowed_from)).toLowerCase()}`);
  if (line.is_estimated === true) notes.push("estimated");
  return notes;
}

function objectOrNull(value: unknown): Wire | null {
  return typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Wire) : null;
}
