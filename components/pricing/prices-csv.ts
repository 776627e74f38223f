import { toCsv } from "@/lib/core/csv.ts";
import type { PriceRow } from "@/lib/pricing/queries.ts";

const COLUMNS = [
  "provider",
  "model",
  "unit",
  "service_tier",
  "region",
  "min_input_tokens",
  "max_input_tokens",
  "list_rate",
  "per",
  "contracted_rate",
  "discount_percent",
  "state",
  "valid_from",
  "valid_to",
  "known_from",
  "known_to",
  "source",
  "source_checked_on",
] as const satisfies readonly (keyof PriceRow)[];

/** The rows as listed; rates are exact decimals of US dollars for `per` units. */
export function pricesCsv(rows: readonly PriceRow[]): string {
  return toCsv(
    COLUMNS,
    rows.map((row) => COLUMNS.map((column) => row[column])),
  );
}
