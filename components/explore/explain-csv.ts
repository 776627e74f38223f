import { toCsv } from "@/lib/core/csv.ts";
import type { Dimension } from "@/lib/usage/dimensions.ts";
import { CHANGE_PARTS, type ExplainedChange } from "@/lib/usage/explain.ts";

/** Every row with every digit: the parts of each sum to its change. The whole comes first, its key is empty. */
export function explainCsv(rows: readonly ExplainedChange[], dimension: Dimension): string {
  const header = [
    dimension,
    `${dimension}_key`,
    "is_total",
    "cost_before",
    "cost_after",
    "change",
    ...CHANGE_PARTS,
    "requests_before",
    "requests_after",
  ];
  return toCsv(
    header,
    rows.map((row) => [
      row.label,
      row.key,
      row.isTotal,
      row.costBefore,
      row.costAfter,
      row.change,
      ...CHANGE_PARTS.map((part) => row[part]),
      row.requestsBefore,
      row.requestsAfter,
    ]),
  );
}
