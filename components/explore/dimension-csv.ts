import { toCsv } from "@/lib/core/csv.ts";
import type { Dimension } from "@/lib/usage/dimensions.ts";
import { amountOf } from "@/lib/usage/measures.ts";
import type { BreakdownRow } from "@/lib/usage/rows.ts";

/** The rows as shown, with exact decimals; costs without any price stay empty. */
export function dimensionCsv(rows: readonly BreakdownRow[], dimension: Dimension): string {
  const header = [dimension, `${dimension}_key`, "cost", "cost_before", "change", "requests", "requests_before", "errors"];
  return toCsv(
    [...header, "input_tokens", "cached_input_tokens", "output_tokens", "latency_p50_ms", "latency_p95_ms"],
    rows.map((row) => [
      row.label,
      row.key,
      amountOf(row),
      row.previous_cost,
      row.change_cost,
      row.requests,
      row.previous_requests,
      row.errors,
      row.input_tokens,
      row.cached_input_tokens,
      row.output_tokens,
      row.latency_p50_ms,
      row.latency_p95_ms,
    ]),
  );
}
