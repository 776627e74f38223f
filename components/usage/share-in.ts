import { type Money, shareOf } from "@/lib/core/money.ts";
import { formatPercent, formatShare } from "@/lib/core/numbers.ts";
import { isAdditive, MEASURE_INFO, type Measure, type Measures, rawMeasure } from "@/lib/usage/measures.ts";

function moneyOf(row: Measures, measure: Measure): Money {
  const amount = rawMeasure(row, measure);
  return amount === null ? null : String(amount);
}

/** A row's part of the whole, for measures whose parts add up to one. */
export function shareIn(row: Measures, whole: Measures, measure: Measure): { ratio: number; text: string } | null {
  if (!isAdditive(measure)) return null;
  if (MEASURE_INFO[measure].kind === "money") {
    const ratio = shareOf(moneyOf(row, measure), moneyOf(whole, measure));
    return ratio === null ? null : { ratio, text: ratio > 0.9995 && ratio < 1 ? formatShare(ratio, 1) : formatPercent(ratio) };
  }
  const part = Number(rawMeasure(row, measure) ?? 0);
  const all = Number(rawMeasure(whole, measure) ?? 0);
  return all === 0 ? null : { ratio: part / all, text: formatShare(part, all) };
}
