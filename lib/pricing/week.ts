/** Seconds in a week that starts on Monday 00:00 on the vendor's clock. */
export const weekSeconds = 604_800;
const day = 86_400;

/** Half-open range of seconds since Monday 00:00. */
export type WeekRange = readonly [from: number, to: number];

/** Reads `HH:MM:SSZ`; the catalogue writes times of day in UTC. */
export function secondOfDay(time: string): number {
  const match = /^(\d{2}):(\d{2}):(\d{2})Z$/.exec(time);
  if (!match) throw new RangeError(`not a UTC time of day: ${time}`);
  return Number(match[1]) * 3600 + Number(match[2]) * 60 + Number(match[3]);
}

/** A daily window on the given days (0 = Monday), as ranges of the week; a window that ends before it starts wraps over midnight. */
export function dailyWindow(start: number, end: number, days: readonly number[] = [0, 1, 2, 3, 4, 5, 6]): WeekRange[] {
  const spans: [number, number][] =
    start < end
      ? [[start, end]]
      : ([
          [start, day],
          [0, end],
        ].filter(([from, to]) => from! < to!) as [number, number][]);
  return merge(days.flatMap((d) => spans.map(([from, to]) => [d * day + from, d * day + to] as const)));
}

/** Sorts ranges and joins those that touch or overlap. */
export function merge(ranges: readonly WeekRange[]): WeekRange[] {
  const out: [number, number][] = [];
  for (const [from, to] of [...ranges].sort((a, b) => a[0] - b[0])) {
    const last = out.at(-1);
    if (last && from <= last[1]) last[1] = Math.max(last[1], to);
    else out.push([from, to]);
  }
  return out;
}

/** What of `ranges` lies outside `taken`. */
export function subtract(ranges: readonly WeekRange[], taken: readonly WeekRange[]): WeekRange[] {
  let rest = ranges.map(([from, to]) => [from, to] as WeekRange);
  for (const [from, to] of taken) {
    rest = rest.flatMap(([a, b]) => [[a, Math.min(b, from)] as const, [Math.max(a, to), b] as const].filter(([x, y]) => x < y));
  }
  return merge(rest);
}

/** The part of `ranges` inside `within`. */
export function intersect(ranges: readonly WeekRange[], within: readonly WeekRange[]): WeekRange[] {
  return subtract(ranges, subtract([[0, weekSeconds]], within));
}

/** As a Postgres int4multirange literal. */
export function multirange(ranges: readonly WeekRange[]): string {
  return `{${ranges.map(([from, to]) => `[${from},${to})`).join(",")}}`;
}
