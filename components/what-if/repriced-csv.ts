import { toCsv } from "@/lib/core/csv.ts";
import type { Repriced } from "@/lib/pricing/repriced.ts";

const COLUMNS = [
  "dimension",
  "key",
  "label",
  "requests",
  "compared_requests",
  "estimated_requests",
  "unpriced_requests",
  "cost",
  "cost_then",
  "difference",
] as const satisfies readonly (keyof Repriced)[];

/** The comparison as shown, with exact decimals. */
export function repricedCsv(rows: readonly Repriced[]): string {
  return toCsv(
    COLUMNS,
    rows.map((row) => COLUMNS.map((column) => row[column])),
  );
}
