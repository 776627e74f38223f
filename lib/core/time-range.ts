import { Temporal } from "temporal-polyfill";
import { formatDate, MONTHS, toInstant } from "./time.ts";

/**
 * The one time range of a page: from the URL to `[from, to)` instants in the organization's zone, the period it is compared with,
 * and the grain of its buckets. `now` is always an argument.
 */

export const RANGE_PRESETS = ["today", "24h", "7d", "30d", "90d", "mtd", "last_month", "custom"] as const;
export type RangePreset = (typeof RANGE_PRESETS)[number];
const GRAINS = ["minute", "hour", "day", "week", "month"] as const;
export type Grain = (typeof GRAINS)[number];

export const RANGE_LABELS: Record<RangePreset, string> = {
  today: "Today",
  "24h": "Last 24 hours",
  "7d": "Last 7 days",
  "30d": "Last 30 days",
  "90d": "Last 90 days",
  mtd: "This month",
  last_month: "Last month",
  custom: "Custom",
};

/** What the URL says. `from` and `to` are local: a date (whole days, `to` included) or `YYYY-MM-DDTHH:MM` (exact, `to` excluded). */
export type RangeChoice = {
  preset: RangePreset;
  from: string | null;
  to: string | null;
  compare: "previous" | "none";
  grain: Grain | null;
};

/** Instants are RFC 3339 in UTC; every window is half-open. */
export type TimeRange = {
  preset: RangePreset;
  timeZone: string;
  from: string;
  to: string;
  grain: Grain;
  /** True while the range still grows: its last bucket is incomplete. */
  isOpen: boolean;
  /** `to` bounds the whole earlier period, `toDate` the part of it as old as this one is now. */
  compare: { from: string; to: string; toDate: string } | null;
};

export const DEFAULT_CHOICE: RangeChoice = { preset: "30d", from: null, to: null, compare: "previous", grain: null };

const LOCAL_DATE = /^\d{4}-\d{2}-\d{2}$/;
const LOCAL_MINUTE = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}$/;
/** A range longer than this would ask for more than the product keeps in one picture. */
const MAX_DAYS = 1100;

/** Reads the URL; whatever does not parse falls back to the default, so that a mangled link still shows a page. */
export function parseRangeChoice(params: URLSearchParams, fallback: RangeChoice = DEFAULT_CHOICE): RangeChoice {
  const preset = RANGE_PRESETS.find((name) => name === params.get("range")) ?? fallback.preset;
  const compare = params.get("compare") === "none" ? "none" : params.get("compare") === "previous" ? "previous" : fallback.compare;
  const grain = GRAINS.find((name) => name === params.get("grain")) ?? null;
  if (preset !== "custom") return { preset, from: null, to: null, compare, grain };
  const from = readLocal(params.get("from"));
  const to = readLocal(params.get("to"));
  if (!from || !to || Temporal.PlainDateTime.compare(startOf(from), endOf(to)) >= 0) return { ...fallback, compare, grain };
  return { preset, from, to, compare, grain };
}

/** Writes a choice into the URL's parameters; what is the default stays out of the link. */
export function writeRangeChoice(params: URLSearchParams, choice: RangeChoice, fallback: RangeChoice = DEFAULT_CHOICE): URLSearchParams {
  const next = new URLSearchParams(params);
  const set = (name: string, value: string | null) => (value === null ? next.delete(name) : next.set(name, value));
  set("range", choice.preset === fallback.preset && choice.preset !== "custom" ? null : choice.preset);
  set("from", choice.preset === "custom" ? choice.from : null);
  set("to", choice.preset === "custom" ? choice.to : null);
  set("compare", choice.compare === fallback.compare ? null : choice.compare);
  set("grain", choice.grain);
  return next;
}

/** The instants of a choice. Calendar arithmetic happens in `timeZone`, so a day may have 23, 24 or 25 hours. */
export function resolveRange(choice: RangeChoice, timeZone: string, now: string): TimeRange {
  const at = toInstant(now).toZonedDateTimeISO(timeZone);
  const today = at.startOfDay();
  const tomorrow = today.add({ days: 1 }).startOfDay();
  const month = today.with({ day: 1 }).startOfDay();
  switch (choice.preset) {
    case "24h": {
      // Whole hours are counted as instants: local wall clocks repeat or skip one on a change.
      const hour = at.round({ smallestUnit: "hour", roundingMode: "floor" });
      return build(choice, hour.subtract({ hours: 23 }), hour.add({ hours: 1 }), at, { hours: 24 });
    }
    case "today":
      return build(choice, today, tomorrow, at, { days: 1 });
    case "7d":
      return build(choice, daysBefore(today, 6), tomorrow, at, { days: 7 });
    case "30d":
      return build(choice, daysBefore(today, 29), tomorrow, at, { days: 30 });
    case "90d":
      return build(choice, daysBefore(today, 89), tomorrow, at, { days: 90 });
    case "mtd":
      return build(choice, month, tomorrow, at, { months: 1 });
    case "last_month":
      return build(choice, month.subtract({ months: 1 }).startOfDay(), month, at, { months: 1 });
    case "custom": {
      const from = startOf(choice.from ?? "").toZonedDateTime(timeZone);
      const to = endOf(choice.to ?? "").toZonedDateTime(timeZone);
      const latest = from.add({ days: MAX_DAYS });
      const end = Temporal.ZonedDateTime.compare(to, latest) > 0 ? latest : to;
      const wholeDays = LOCAL_DATE.test(choice.from ?? "") && LOCAL_DATE.test(choice.to ?? "");
      const shift = wholeDays
        ? { days: from.toPlainDate().until(end.toPlainDate()).days }
        : { milliseconds: end.epochMilliseconds - from.epochMilliseconds };
      return build(choice, from, end, at, shift);
    }
  }
}

/** One step earlier (`-1`) or later (`1`) by the range's own length, as a custom choice. Never steps into the future. */
export function stepRange(range: TimeRange, direction: -1 | 1, now: string): RangeChoice | null {
  const zone = range.timeZone;
  const from = toInstant(range.from).toZonedDateTimeISO(zone);
  const to = toInstant(range.to).toZonedDateTimeISO(zone);
  const compare: RangeChoice["compare"] = range.compare ? "previous" : "none";
  const isDays = from.equals(from.startOfDay()) && to.equals(to.startOfDay());
  const isMonths = isDays && from.day === 1 && (to.day === 1 || range.preset === "mtd");
  if (isMonths) {
    const months = range.preset === "mtd" ? 1 : from.toPlainDate().until(to.toPlainDate(), { largestUnit: "month" }).months;
    const start = from.add({ months: months * direction }).startOfDay();
    const end = start.add({ months }).startOfDay();
    if (start.epochMilliseconds > toInstant(now).epochMilliseconds) return null;
    return custom(start.toPlainDate().toString(), end.subtract({ days: 1 }).toPlainDate().toString(), compare);
  }
  if (isDays) {
    const { days } = from.toPlainDate().until(to.toPlainDate());
    const start = from.add({ days: days * direction });
    if (start.epochMilliseconds > toInstant(now).epochMilliseconds) return null;
    return custom(
      start.toPlainDate().toString(),
      start
        .add({ days: days - 1 })
        .toPlainDate()
        .toString(),
      compare,
    );
  }
  const length = { milliseconds: (to.epochMilliseconds - from.epochMilliseconds) * direction };
  const start = from.add(length);
  if (start.epochMilliseconds > toInstant(now).epochMilliseconds) return null;
  return custom(localMinute(start), localMinute(to.add(length)), compare);
}

/** A choice for exactly `[from, to)`, e.g. after a brush on a chart: whole days where they are whole, minutes otherwise. */
export function choiceFor(from: string, to: string, timeZone: string, compare: RangeChoice["compare"]): RangeChoice {
  const start = toInstant(from).toZonedDateTimeISO(timeZone);
  const end = toInstant(to).toZonedDateTimeISO(timeZone);
  if (start.equals(start.startOfDay()) && end.equals(end.startOfDay())) {
    return custom(start.toPlainDate().toString(), end.subtract({ days: 1 }).toPlainDate().toString(), compare);
  }
  return custom(localMinute(start), localMinute(end), compare);
}

/** `1 – 21 Nov 2026`, `21 Nov 2026`, `21 Nov 14:00 – 22 Nov 14:00`. */
export function describeRange(range: Pick<TimeRange, "from" | "to" | "timeZone">): string {
  const from = toInstant(range.from).toZonedDateTimeISO(range.timeZone);
  const to = toInstant(range.to).toZonedDateTimeISO(range.timeZone);
  if (!from.equals(from.startOfDay()) || !to.equals(to.startOfDay())) return `${minuteLabel(from)} – ${minuteLabel(to)}`;
  const last = to.subtract({ days: 1 });
  const end = formatDate(last.toInstant().toString(), range.timeZone);
  if (from.toPlainDate().equals(last.toPlainDate())) return end;
  if (from.year !== last.year) return `${formatDate(range.from, range.timeZone)} – ${end}`;
  return from.month === last.month ? `${from.day} – ${end}` : `${from.day} ${MONTHS[from.month - 1]} – ${end}`;
}

type Shift = { months: number } | { days: number } | { hours: number } | { milliseconds: number };

function build(
  choice: RangeChoice,
  from: Temporal.ZonedDateTime,
  to: Temporal.ZonedDateTime,
  now: Temporal.ZonedDateTime,
  shift: Shift,
): TimeRange {
  const isOpen = Temporal.ZonedDateTime.compare(now, to) < 0 && Temporal.ZonedDateTime.compare(now, from) >= 0;
  return {
    preset: choice.preset,
    timeZone: from.timeZoneId,
    from: instantText(from),
    to: instantText(to),
    grain: choice.grain && isDrawable(choice.grain, from, to) ? choice.grain : chooseGrain(from, to),
    isOpen,
    compare: choice.compare === "none" ? null : comparePeriod(from, to, now, shift, isOpen),
  };
}

function comparePeriod(
  from: Temporal.ZonedDateTime,
  to: Temporal.ZonedDateTime,
  now: Temporal.ZonedDateTime,
  shift: Shift,
  isOpen: boolean,
): NonNullable<TimeRange["compare"]> {
  const start = from.subtract(shift);
  // Five-minute steps keep the query (and its cache key) still while a page is open.
  const elapsed = now.round({ smallestUnit: "minute", roundingIncrement: 5, roundingMode: "floor" });
  const isMonths = "months" in shift;
  if (!isMonths) {
    const end = to.subtract(shift);
    return { from: instantText(start), to: instantText(end), toDate: instantText(isOpen ? later(elapsed.subtract(shift), start) : end) };
  }
  // A month that grows is drawn beside the earlier one up to the end of the same day.
  const end = isOpen
    ? monthBefore(to.subtract({ days: 1 }), from)
        .add({ days: 1 })
        .startOfDay()
    : from;
  return { from: instantText(start), to: instantText(end), toDate: instantText(isOpen ? monthBefore(elapsed, from) : end) };
}

/**
 * The same local time of the same day a month earlier; of that month's last day when it is shorter, so that the 29th to 31st of March
 * are compared with February up to the 28th. The rule of `overview()` in SQL, which takes the later of two equal local times, too.
 */
function monthBefore(at: Temporal.ZonedDateTime, from: Temporal.ZonedDateTime): Temporal.ZonedDateTime {
  return sooner(at.toPlainDateTime().subtract({ months: 1 }).toZonedDateTime(at.timeZoneId, { disambiguation: "later" }), from);
}

function chooseGrain(from: Temporal.ZonedDateTime, to: Temporal.ZonedDateTime): Grain {
  const hours = (to.epochMilliseconds - from.epochMilliseconds) / 3_600_000;
  if (hours <= 3) return "minute";
  if (hours <= 76) return "hour";
  if (hours <= 24 * 100) return "day";
  return hours <= 24 * 420 ? "week" : "month";
}

function isDrawable(grain: Grain, from: Temporal.ZonedDateTime, to: Temporal.ZonedDateTime): boolean {
  const minutes = (to.epochMilliseconds - from.epochMilliseconds) / 60_000;
  const size = { minute: 1, hour: 60, day: 1440, week: 10_080, month: 43_200 }[grain];
  return minutes / size <= 400 && minutes / size >= 1;
}

function daysBefore(day: Temporal.ZonedDateTime, days: number): Temporal.ZonedDateTime {
  return day.subtract({ days }).startOfDay();
}

function later(a: Temporal.ZonedDateTime, b: Temporal.ZonedDateTime): Temporal.ZonedDateTime {
  return Temporal.ZonedDateTime.compare(a, b) > 0 ? a : b;
}

function sooner(a: Temporal.ZonedDateTime, b: Temporal.ZonedDateTime): Temporal.ZonedDateTime {
  return Temporal.ZonedDateTime.compare(a, b) < 0 ? a : b;
}

function instantText(at: Temporal.ZonedDateTime): string {
  return at.toInstant().toString({ smallestUnit: "second" });
}

function localMinute(at: Temporal.ZonedDateTime): string {
  return at.toPlainDateTime().toString({ smallestUnit: "minute" });
}

function minuteLabel(at: Temporal.ZonedDateTime): string {
  const clock = at.toPlainTime().toString({ smallestUnit: "minute" });
  return `${at.day} ${MONTHS[at.month - 1]} ${clock}`;
}

function readLocal(text: string | null): string | null {
  if (!text || !(LOCAL_DATE.test(text) || LOCAL_MINUTE.test(text))) return null;
  try {
    const at = startOf(text);
    return at.year >= 2000 && at.year <= 2100 ? text : null;
  } catch {
    return null;
  }
}

function startOf(local: string): Temporal.PlainDateTime {
  return Temporal.PlainDateTime.from(local);
}

/** A last day is included whole, a last minute is the end itself. */
function endOf(local: string): Temporal.PlainDateTime {
  return LOCAL_DATE.test(local) ? Temporal.PlainDate.from(local).add({ days: 1 }).toPlainDateTime() : Temporal.PlainDateTime.from(local);
}

function custom(from: string, to: string, compare: RangeChoice["compare"]): RangeChoice {
  return { preset: "custom", from, to, compare, grain: null };
}
