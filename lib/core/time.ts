import { Temporal } from "temporal-polyfill";

/**
 * Instants for reading, in an IANA zone. Month and day names are spelled here instead of by Intl, because the server's and the
 * browser's locale data differ between versions and the first paint must survive hydration to the letter.
 */

export const MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"] as const;
export const WEEKDAYS = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"] as const;

const pad = (value: number): string => String(value).padStart(2, "0");

/** Accepts what Postgres and JavaScript write: `2026-11-21T12:00:00.123+00:00`, `…Z`, or a space instead of the `T`. */
export function toInstant(text: string): Temporal.Instant {
  return Temporal.Instant.from(text.replace(" ", "T"));
}

export function inZone(text: string, timeZone: string): Temporal.ZonedDateTime {
  return toInstant(text).toZonedDateTimeISO(timeZone);
}

/** `21 Nov 2026` */
export function formatDate(text: string, timeZone: string): string {
  const at = inZone(text, timeZone);
  return `${at.day} ${MONTHS[at.month - 1]} ${at.year}`;
}

/** `14:05`, with `seconds` `14:05:09`. */
export function formatTime(text: string, timeZone: string, seconds = false): string {
  const at = inZone(text, timeZone);
  return `${pad(at.hour)}:${pad(at.minute)}${seconds ? `:${pad(at.second)}` : ""}`;
}

/** `21 Nov 2026, 14:05:09` */
export function formatDateTime(text: string, timeZone: string, seconds = true): string {
  return `${formatDate(text, timeZone)}, ${formatTime(text, timeZone, seconds)}`;
}

/** `UTC+1`, `UTC−3:30`: the offset at that instant, so that two equal clock times on a change of clocks can be told apart. */
export function formatOffset(text: string, timeZone: string): string {
  const minutes = Math.round(inZone(text, timeZone).offsetNanoseconds / 60e9);
  if (minutes === 0) return "UTC";
  const size = Math.abs(minutes);
  return `UTC${minutes < 0 ? "\u2212" : "+"}${Math.floor(size / 60)}${size % 60 ? `:${pad(size % 60)}` : ""}`;
}

/** `4 s ago`, `3 min ago`, `2 h ago`, `5 d ago`; what lies up to a minute ahead is `just now` (clocks differ). */
export function formatRelative(text: string, now: string): string {
  const seconds = Math.floor((toInstant(now).epochMilliseconds - toInstant(text).epochMilliseconds) / 1000);
  if (seconds < -60) return `in ${unit(-seconds)}`;
  if (seconds < 2) return "just now";
  return `${unit(seconds)} ago`;
}

function unit(seconds: number): string {
  if (seconds < 60) return `${seconds} s`;
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min`;
  if (seconds < 172_800) return `${Math.floor(seconds / 3600)} h`;
  return `${Math.floor(seconds / 86_400)} d`;
}
