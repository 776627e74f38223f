import { z } from "zod";
import { type FieldRule, Refusal } from "./field-rules.ts";

const rfc3339 = /^(\d{4})-(\d\d)-(\d\d)[Tt ](\d\d):(\d\d):(\d\d)(?:\.(\d{1,9}))?(?:[Zz]|([+-])(\d\d):(\d\d))$/;

function daysIn(year: number, month: number): number {
  if (month === 2) return (year % 4 === 0 && year % 100 !== 0) || year % 400 === 0 ? 29 : 28;
  return month === 4 || month === 6 || month === 9 || month === 11 ? 30 : 31;
}

/**
 * Reads an RFC 3339 time with a zone into its one canonical form, UTC with six decimals (`2026-11-20T10:00:00.123000Z`), so
 * that instants compare as text and the same instant is always the same text. Finer fractions are cut, never rounded up.
 * Returns null for anything else: no zone, no such day, no such hour.
 */
export function canonicalInstant(value: string): string | null {
  const parts = rfc3339.exec(value);
  if (parts === null) return null;
  const [year, month, day, hour, minute] = [Number(parts[1]), Number(parts[2]), Number(parts[3]), Number(parts[4]), Number(parts[5])];
  const second = Number(parts[6]);
  if (month < 1 || month > 12 || day < 1 || day > daysIn(year, month)) return null;
  if (hour > 23 || minute > 59 || second > 59) return null;
  let offsetMinutes = 0;
  if (parts[8] !== undefined) {
    const [hours, minutes] = [Number(parts[9]), Number(parts[10])];
    if (hours > 23 || minutes > 59) return null;
    offsetMinutes = (hours * 60 + minutes) * (parts[8] === "-" ? -1 : 1);
  }
  const micros = (parts[7] ?? "").padEnd(6, "0").slice(0, 6);
  if (offsetMinutes === 0) return `${value.slice(0, 10)}T${value.slice(11, 19)}.${micros}Z`;
  // Date.UTC reads years below 100 as 19xx, hence the round trip through a far year of the same calendar.
  const shifted = new Date(Date.UTC(year + 400, month - 1, day, hour, minute - offsetMinutes, second));
  const shiftedYear = shifted.getUTCFullYear() - 400;
  if (shiftedYear < 0 || shiftedYear > 9999) return null;
  return `${String(shiftedYear).padStart(4, "0")}${shifted.toISOString().slice(-20, -5)}.${micros}Z`;
}

/** The canonical text of a moment given in milliseconds. */
export function instantOf(milliseconds: number): string {
  return `${new Date(milliseconds).toISOString().slice(0, 23)}000Z`;
}

/** A required RFC 3339 time with zone, handed on in canonical form. */
export function instant(): FieldRule<string> {
  const wrong = new Refusal("must be an RFC 3339 time with a zone, such as 2026-01-31T12:00:00Z");
  const read = (value: unknown): string | Refusal => (typeof value === "string" ? (canonicalInstant(value) ?? wrong) : wrong);
  return { required: true, read, zod: z.string().refine((value) => canonicalInstant(value) !== null, wrong.rule) };
}
