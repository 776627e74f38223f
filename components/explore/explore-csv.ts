import type { Picture } from "@/components/usage/use-picture.ts";
import { toCsv } from "@/lib/core/csv.ts";
import { rawMeasure } from "@/lib/usage/measures.ts";

/** The table as shown, with exact decimals; shares and changes follow from them. */
export function exploreCsv({ dimension, measure, rows, range }: Picture): string {
  const header = [dimension, `${dimension}_key`, measure, ...(range.compare ? [`${measure}_before`] : []), "cost", "requests"];
  return toCsv(
    header,
    rows.map(({ key, label, row, before }) => [
      label,
      key,
      rawMeasure(row, measure),
      ...(range.compare ? [before ? rawMeasure(before, measure) : null] : []),
      row.cost,
      row.requests,
    ]),
  );
}
