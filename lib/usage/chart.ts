import type { ChartData, ChartPoint } from "../core/chart.ts";
import { toChartNumber } from "../core/money.ts";
import { assignColors, OTHER_COLOR } from "../core/palette.ts";
import { bucketLabel, bucketStarts, openBucket, tickLabel } from "../core/time-buckets.ts";
import type { TimeRange } from "../core/time-range.ts";
import { DIMENSION_LABELS, type Dimension, NOT_SET_KEY, NOT_SET_LABEL, OTHER_KEY } from "./dimensions.ts";
import { formatAxis, type Measure, type Measures, rawMeasure, readMeasure } from "./measures.ts";
import type { SeriesRow } from "./rows.ts";

type Input = {
  range: TimeRange;
  measure: Measure;
  dimension: Dimension;
  /** Split by the dimension, the whole, and the whole of the earlier period. */
  parts: readonly SeriesRow[];
  totals: readonly SeriesRow[];
  previous: readonly SeriesRow[] | null;
  /** The organization's entities of the dimension, most used first: they keep their colours on every page. */
  roster: readonly string[];
  now: string;
  /** Draw the moving average of the whole as well. */
  isAveraged?: boolean;
};

/** Buckets in a moving average: a week of days evens out the weekend. */
const AVERAGED = 7;

/** Rows of the questions, laid on the full row of buckets: what SQL leaves out because nothing happened becomes zero. */
export function buildChart({ range, measure, dimension, parts, totals, previous, roster, now, isAveraged = false }: Input): ChartData {
  const starts = withReturned(bucketStarts(range, range.grain), [...parts, ...totals]);
  const place = new Map(starts.map((start, index) => [epoch(start), index]));
  const point = (row: Measures | undefined): ChartPoint => ({ ...readMeasure(row, measure), raw: rawMeasure(row, measure) });
  const byKey = groupByKey(parts);
  const weights = new Map([...byKey].map(([key, rows]) => [key, rows.reduce((sum, row) => sum + toChartNumber(row.cost), 0)]));
  const keys = [...byKey.keys()].sort((a, b) => (weights.get(b) ?? 0) - (weights.get(a) ?? 0) || (a < b ? -1 : 1));
  const ordered = [...keys.filter((key) => key !== OTHER_KEY), ...keys.filter((key) => key === OTHER_KEY)];
  const colors = assignColors(
    ordered.filter((key) => key !== OTHER_KEY),
    roster,
  );
  const lay = (rows: readonly SeriesRow[] | undefined): ChartPoint[] => {
    const found = new Map(rows?.map((row) => [place.get(epoch(row.bucket)), row]));
    return starts.map((_, index) => point(found.get(index)));
  };
  const total = lay(totals);
  const openIndex = openBucket(starts, range, range.grain, now);
  return {
    buckets: starts.map((start) => ({
      start,
      label: bucketLabel(start, range.grain, range.timeZone),
      tick: tickLabel(start, range.grain, range.timeZone),
    })),
    series: ordered.map((key) => ({
      key,
      label: seriesLabel(key, byKey.get(key)?.[0]?.label, dimension),
      color: key === OTHER_KEY ? OTHER_COLOR : (colors.get(key) ?? OTHER_COLOR),
      points: lay(byKey.get(key)),
      isOther: key === OTHER_KEY,
    })),
    total,
    compare: previous && range.compare ? { label: "Earlier period", points: comparePoints(previous, range, starts.length, point) } : null,
    average: isAveraged ? { label: `Average of ${AVERAGED}`, points: movingAverage(total, openIndex, formatAxis(measure)) } : null,
    openIndex,
  };
}

/** A coordinate for the eye over each bucket and the six before it; none where one is missing, still fills or lies ahead. */
function movingAverage(total: readonly ChartPoint[], openIndex: number, read: (value: number) => string): (ChartPoint | null)[] {
  return total.map((_, index) => {
    if (index + 1 < AVERAGED || (openIndex >= 0 && index >= openIndex)) return null;
    const values = total.slice(index + 1 - AVERAGED, index + 1).map((point) => point.value);
    if (values.includes(null)) return null;
    const value = values.reduce<number>((sum, each) => sum + (each ?? 0), 0) / AVERAGED;
    return { value, text: `≈ ${read(value)}`, exact: `≈ ${read(value)}`, raw: null };
  });
}

export function seriesLabel(key: string, label: string | undefined, dimension: Dimension): string {
  if (key === OTHER_KEY) return `Other ${DIMENSION_LABELS[dimension].many.toLowerCase().replace("api", "API")}`;
  return key === NOT_SET_KEY ? NOT_SET_LABEL : label || key;
}

function comparePoints(
  rows: readonly SeriesRow[],
  range: TimeRange,
  length: number,
  point: (row: SeriesRow | undefined) => ChartPoint,
): (ChartPoint | null)[] {
  if (!range.compare) return [];
  const starts = bucketStarts({ ...range.compare, timeZone: range.timeZone }, range.grain);
  const found = new Map(rows.map((row) => [epoch(row.bucket), row]));
  // Bucket by bucket from the start: a shorter earlier period (February, 23 hours) simply ends sooner.
  return Array.from({ length }, (_, index) => {
    const start = starts[index];
    return start === undefined ? null : point(found.get(epoch(start)));
  });
}

/** A bucket the database knows and the calendar here does not must still be shown, or parts would not sum to the whole. */
function withReturned(starts: string[], rows: readonly SeriesRow[]): string[] {
  const known = new Set(starts.map(epoch));
  const extra = new Set(rows.map((row) => epoch(row.bucket)).filter((at) => !known.has(at)));
  if (extra.size === 0) return starts;
  return [...starts, ...[...extra].map((at) => new Date(at).toISOString())].sort((a, b) => epoch(a) - epoch(b));
}

function groupByKey(rows: readonly SeriesRow[]): Map<string, SeriesRow[]> {
  const groups = new Map<string, SeriesRow[]>();
  for (const row of rows) {
    const group = groups.get(row.key);
    if (group) group.push(row);
    else groups.set(row.key, [row]);
  }
  return groups;
}

/** Milliseconds since 1970. Hundreds of rows pass here at every refresh, and the calendar library takes ten times as long for it. */
function epoch(text: string): number {
  return Date.parse(text.replace(" ", "T"));
}
