import type { Temporal } from "temporal-polyfill";
import { formatOffset, formatTime, MONTHS, toInstant, WEEKDAYS } from "./time.ts";
import type { Grain, TimeRange } from "./time-range.ts";

type Window = Pick<TimeRange, "from" | "to" | "timeZone">;

/** A guard against a picture nobody can read; ranges choose their grain far below it. */
const MAX_BUCKETS = 2000;

/**
 * Starts of all buckets that touch `[from, to)`, as UTC instants. Hours and minutes step as instants (the repeated hour of autumn
 * is two buckets, the skipped one of spring none), days, weeks (Monday) and months step on the calendar: the same cuts as
 * `date_trunc(grain, instant, zone)` in SQL.
 */
export function bucketStarts(range: Window, grain: Grain): string[] {
  const end = toInstant(range.to).epochMilliseconds;
  const starts: string[] = [];
  let at = bucketStart(range.from, grain, range.timeZone);
  while (at.epochMilliseconds < end && starts.length < MAX_BUCKETS) {
    starts.push(at.toInstant().toString({ smallestUnit: "second" }));
    at = nextBucket(at, grain);
  }
  return starts;
}

/** Where the bucket that contains an instant begins. */
function bucketStart(instant: string, grain: Grain, timeZone: string): Temporal.ZonedDateTime {
  const at = toInstant(instant).toZonedDateTimeISO(timeZone);
  if (grain === "minute" || grain === "hour") return at.round({ smallestUnit: grain, roundingMode: "floor" });
  const day = at.startOfDay();
  if (grain === "day") return day;
  return grain === "week" ? day.subtract({ days: day.dayOfWeek - 1 }).startOfDay() : day.with({ day: 1 }).startOfDay();
}

export function bucketEnd(start: string, grain: Grain, timeZone: string): string {
  return nextBucket(toInstant(start).toZonedDateTimeISO(timeZone), grain).toInstant().toString({ smallestUnit: "second" });
}

function nextBucket(at: Temporal.ZonedDateTime, grain: Grain): Temporal.ZonedDateTime {
  switch (grain) {
    case "minute":
      return at.add({ minutes: 1 });
    case "hour":
      return at.add({ hours: 1 });
    case "day":
      return at.add({ days: 1 }).startOfDay();
    case "week":
      return at.add({ weeks: 1 }).startOfDay();
    case "month":
      return at.add({ months: 1 }).startOfDay();
  }
}

/** Where in its buckets `now` stands: the index of the incomplete one, or -1. */
export function openBucket(starts: readonly string[], range: Window, grain: Grain, now: string): number {
  const at = toInstant(now).epochMilliseconds;
  if (at >= toInstant(range.to).epochMilliseconds) return -1;
  const index = starts.findLastIndex((start) => toInstant(start).epochMilliseconds <= at);
  const start = starts[index];
  if (start === undefined) return -1;
  return toInstant(bucketEnd(start, grain, range.timeZone)).epochMilliseconds > at ? index : -1;
}

/** Short text under an axis: `14:00`, `21 Nov`, `Nov 2026`. */
export function tickLabel(start: string, grain: Grain, timeZone: string): string {
  const at = toInstant(start).toZonedDateTimeISO(timeZone);
  if (grain === "month") return `${MONTHS[at.month - 1]} ${at.year}`;
  if (grain === "day" || grain === "week") return `${at.day} ${MONTHS[at.month - 1]}`;
  return at.hour === 0 && at.minute === 0 ? `${at.day} ${MONTHS[at.month - 1]}` : formatTime(start, timeZone);
}

/** The exact bucket with its zone: `Sat 21 Nov 2026, 14:00–15:00 UTC+1`. */
export function bucketLabel(start: string, grain: Grain, timeZone: string): string {
  const at = toInstant(start).toZonedDateTimeISO(timeZone);
  const offset = formatOffset(start, timeZone);
  const day = (date: Temporal.ZonedDateTime) => `${WEEKDAYS[date.dayOfWeek - 1]} ${date.day} ${MONTHS[date.month - 1]} ${date.year}`;
  switch (grain) {
    case "month":
      return `${MONTHS[at.month - 1]} ${at.year}, ${offset}`;
    case "week":
      return `${day(at)} – ${day(at.add({ days: 6 }))}, ${offset}`;
    case "day":
      return `${day(at)}, ${offset}`;
    default:
      return `${day(at)}, ${formatTime(start, timeZone)}–${formatTime(bucketEnd(start, grain, timeZone), timeZone)} ${offset}`;
  }
}
