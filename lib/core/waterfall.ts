import { type Money, toChartNumber } from "./money.ts";

/** A bar of a waterfall as coordinates between 0 and 100 along the axis: `start` and `end` of the step, in its direction. */
export type WaterfallBar = { key: string; start: number; end: number; isWhole: boolean };
export type Waterfall = { bars: readonly WaterfallBar[]; zero: number };

/** From one whole to another over signed parts: wholes stand on zero, each part begins where the one before it ended. */
export function layWaterfall(before: Money, parts: readonly { key: string; amount: Money }[], after: Money): Waterfall {
  const steps = [{ key: "before", from: 0, to: toChartNumber(before), isWhole: true }];
  let at = toChartNumber(before);
  for (const { key, amount } of parts) {
    const next = at + toChartNumber(amount);
    steps.push({ key, from: at, to: next, isWhole: false });
    at = next;
  }
  steps.push({ key: "after", from: 0, to: toChartNumber(after), isWhole: true });
  const lowest = Math.min(0, ...steps.map((step) => step.to));
  const highest = Math.max(0, ...steps.map((step) => step.to));
  const span = highest - lowest || 1;
  const place = (value: number) => Math.round((10_000 * (value - lowest)) / span) / 100;
  return {
    zero: place(0),
    bars: steps.map(({ key, from, to, isWhole }) => ({ key, start: place(from), end: place(to), isWhole })),
  };
}
