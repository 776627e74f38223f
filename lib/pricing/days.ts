import { Temporal } from "temporal-polyfill";

/** The instant at which a day (`2026-12-01`) begins in a zone. */
export function dayStart(day: string, timeZone: string): string {
  return Temporal.PlainDate.from(day).toZonedDateTime(timeZone).toInstant().toString();
}

/** The instant at which the day after begins: where an interval that includes the day ends. */
export function dayAfter(day: string, timeZone: string): string {
  return Temporal.PlainDate.from(day).add({ days: 1 }).toZonedDateTime(timeZone).toInstant().toString();
}
