/**
 * Counts, tokens, shares and latencies for reading. The exact value belongs on hover, see `formatExact`.
 * A no-break space stands between figure and unit so that a line never breaks there.
 */

const SPACE = "\u00a0";
const MINUS = "\u2212";
const COMPACT_STEPS = [
  { at: 1e12, unit: "T" },
  { at: 1e9, unit: "B" },
  { at: 1e6, unit: "M" },
  { at: 1e3, unit: "k" },
] as const;

function group(digits: string): string {
  return digits.replace(/\B(?=(\d{3})+(?!\d))/g, ",");
}

/** Whole number with grouping: `12,345`. Counts come from SQL as bigint and stay below 2^53. */
export function formatExact(value: number): string {
  const text = group(Math.abs(Math.trunc(value)).toString());
  return value < 0 ? MINUS + text : text;
}

/** Three significant digits with a unit: `1.24 M`; below 1,000 the number itself. */
export function formatCompact(value: number): string {
  const size = Math.abs(value);
  // 999,600 would round to "1000 k": a value that rounds up to the next unit takes that unit.
  const step = COMPACT_STEPS.find(({ at }) => size >= at * 0.9995);
  if (!step) return formatExact(Math.round(value));
  const scaled = size / step.at;
  const digits = scaled < 9.995 ? 2 : scaled < 99.95 ? 1 : 0;
  return `${value < 0 ? MINUS : ""}${trimZeros(scaled.toFixed(digits))}${SPACE}${step.unit}`;
}

/** Requests, errors, rows: exact below 10,000, compact above. */
export function formatCount(value: number): string {
  return Math.abs(value) < 10_000 ? formatExact(value) : formatCompact(value);
}

/** A ratio (0.031) as `3.1 %`. What is not zero never reads as zero: `<0.1 %`. */
export function formatPercent(ratio: number): string {
  if (!Number.isFinite(ratio)) return "–";
  if (ratio !== 0 && Math.abs(ratio) < 0.0005) return `<0.1${SPACE}%`;
  const [whole = "0", fraction = "0"] = Math.abs(ratio * 100)
    .toFixed(1)
    .split(".");
  return `${ratio < 0 ? MINUS : ""}${group(whole)}.${fraction}${SPACE}%`;
}

/** Share of a whole that is not quite all never reads `100.0 %`. */
export function formatShare(part: number, whole: number): string {
  if (whole === 0) return "–";
  const ratio = part / whole;
  if (ratio < 1 && ratio > 0.9995) return `>99.9${SPACE}%`;
  return formatPercent(ratio);
}

/** Milliseconds below 10 s, then seconds, then minutes. `null` means nothing was measured. */
export function formatLatency(milliseconds: number | null): string {
  if (milliseconds === null) return "–";
  if (milliseconds < 10_000) return `${formatExact(Math.round(milliseconds))}${SPACE}ms`;
  if (milliseconds < 120_000) return `${(milliseconds / 1000).toFixed(1)}${SPACE}s`;
  return `${(milliseconds / 60_000).toFixed(1)}${SPACE}min`;
}

function trimZeros(text: string): string {
  return text.includes(".") ? text.replace(/\.?0+$/, "") : text;
}
