/** What a chart draws: values already read into words, so that the picture knows nothing of money, tokens or zones. */

/** `value` is a coordinate (null draws nothing), `text` reads well, `exact` is the whole truth, `raw` goes into a file. */
export type ChartPoint = { value: number | null; text: string; exact: string; raw: string | number | null };

type ChartBucket = {
  /** Start, as an instant. */
  start: string;
  /** The exact bucket with its zone. */
  label: string;
  tick: string;
};

type ChartSeries = { key: string; label: string; color: string; points: readonly ChartPoint[]; isOther: boolean };

export type ChartData = {
  buckets: readonly ChartBucket[];
  /** Largest first: the order of stack, tooltip, legend and table alike. */
  series: readonly ChartSeries[];
  /** The whole per bucket, as the database says it. */
  total: readonly ChartPoint[];
  /** The earlier period, bucket by bucket beside this one. */
  compare: { label: string; points: readonly (ChartPoint | null)[] } | null;
  /** The moving average of the whole, drawn over it; for the eye, so its values are read from coordinates. */
  average?: { label: string; points: readonly (ChartPoint | null)[] } | null;
  /** Index of the bucket that is still filling, -1 when there is none. */
  openIndex: number;
};

export type Scale = { max: number; ticks: readonly number[] };

/** A zero-based axis with about `count` round steps (1, 2, 2.5, 5 × 10ⁿ) that ends at or above `largest`. */
export function niceScale(largest: number, count = 4): Scale {
  if (!(largest > 0) || !Number.isFinite(largest)) return { max: 1, ticks: [0] };
  const raw = largest / count;
  const magnitude = 10 ** Math.floor(Math.log10(raw));
  const step = ([1, 2, 2.5, 5, 10].find((each) => each * magnitude >= raw * (1 - 1e-9)) ?? 10) * magnitude;
  const steps = Math.ceil(largest / step - 1e-9);
  return { max: steps * step, ticks: Array.from({ length: steps + 1 }, (_, index) => index * step) };
}

/** Highest coordinate a chart has to hold; stacked parts count together. */
export function largestValue(data: ChartData, isStacked: boolean): number {
  const parts = data.buckets.map((_, index) => {
    const values = data.series.map((series) => series.points[index]?.value ?? 0);
    return isStacked ? values.reduce((sum, value) => sum + value, 0) : Math.max(0, ...values);
  });
  const compare = data.compare?.points.map((point) => point?.value ?? 0) ?? [];
  const totals = isStacked ? [] : data.total.map((point) => point.value ?? 0);
  return Math.max(0, ...parts, ...compare, ...totals);
}

const NICE_STEPS = [1, 2, 3, 4, 6, 7, 12, 14, 15, 24, 28, 30, 48, 60, 90, 120, 180, 240];

/** Which buckets carry a label under the axis: evenly spaced, at most `most` of them. */
export function tickIndexes(length: number, most: number): number[] {
  const step = NICE_STEPS.find((each) => Math.ceil(length / each) <= most) ?? Math.ceil(length / most);
  return Array.from({ length: Math.ceil(length / step) }, (_, index) => index * step);
}

/** One sentence per bucket, for the reader of a screen: the bucket, the whole, then the parts that are not nothing. */
export function describeBucket(data: ChartData, index: number): string {
  const bucket = data.buckets[index];
  if (!bucket) return "";
  const parts = data.series
    .filter((series) => series.points[index]?.value)
    .map((series) => `${series.label} ${series.points[index]?.text}`);
  const compare = data.compare?.points[index];
  return [
    `${bucket.label}${index === data.openIndex ? ", so far" : ""}: ${data.total[index]?.exact ?? "nothing"}`,
    compare ? `${data.compare?.label} ${compare.text}` : "",
    data.series.length > 1 ? parts.join(", ") : "",
  ]
    .filter(Boolean)
    .join(". ");
}
