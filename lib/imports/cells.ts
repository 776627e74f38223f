/** What columns hold, read strictly: absent is null, anything that is not what it should be is a problem of the row, nothing is guessed. */
import { canonicalInstant, instantOf } from "../core/instant.ts";
import { RowProblem, type SourceRow } from "./adapter.ts";
import { decimalText } from "./schema.ts";

/** The value under a name, or under a path such as `usage.input` into nested objects; JSON text on the way is opened. */
export function cell(row: SourceRow, name: string): unknown {
  if (Object.hasOwn(row, name)) return row[name];
  let value: unknown = row;
  for (const part of name.split(".")) {
    const inside = objectOf(value);
    if (inside === null || !Object.hasOwn(inside, part)) return undefined;
    value = inside[part];
  }
  return value;
}

/** An object, also when it comes as JSON text; null for anything else. */
export function objectOf(value: unknown): Record<string, unknown> | null {
  if (typeof value === "string" && value.trimStart().startsWith("{")) {
    try {
      return objectOf(JSON.parse(value));
    } catch {
      return null;
    }
  }
  return typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Record<string, unknown>) : null;
}

const isAbsent = (value: unknown): boolean => value === undefined || value === null || (typeof value === "string" && value.trim() === "");

function first(row: SourceRow, names: readonly string[]): { name: string; value: unknown } | null {
  for (const name of names) {
    const value = cell(row, name);
    if (!isAbsent(value)) return { name, value };
  }
  return null;
}

const wrong = (name: string, rule: string): RowProblem => new RowProblem("invalid", `${name} ${rule}`);

/** The first of these columns that holds something, as trimmed text. */
export function text(row: SourceRow, ...names: string[]): string | null {
  const found = first(row, names);
  if (found === null) return null;
  if (typeof found.value === "object") throw wrong(found.name, "must be text");
  return String(found.value).trim();
}

/** A whole number; `1,234` and `12.0` are read as people mean them. */
export function count(row: SourceRow, ...names: string[]): number | null {
  const found = first(row, names);
  if (found === null) return null;
  const plain = String(found.value)
    .trim()
    .replace(/^(\d{1,3}(,\d{3})+)/, (grouped) => grouped.replaceAll(",", ""))
    .replace(/\.0+$/, "");
  if (!/^\d{1,15}$/.test(plain)) throw wrong(found.name, "must be a whole number from 0");
  return Number(plain);
}

/** An exact decimal as text; a dollar sign and grouping commas are taken off. */
export function decimal(row: SourceRow, ...names: string[]): string | null {
  const found = first(row, names);
  if (found === null) return null;
  const plain = String(found.value)
    .trim()
    .replace(/^\$\s*/, "")
    .replace(/^(-?\d{1,3}(,\d{3})+)/, (grouped) => grouped.replaceAll(",", ""));
  if (!decimalText.test(plain)) throw wrong(found.name, "must be a decimal number");
  return plain;
}

export function flag(row: SourceRow, ...names: string[]): boolean | null {
  const found = first(row, names);
  if (found === null) return null;
  const word = String(found.value).trim().toLowerCase();
  if (["true", "1", "yes", "t"].includes(word)) return true;
  if (["false", "0", "no", "f", "none"].includes(word)) return false;
  throw wrong(found.name, "must be true or false");
}

/** Seconds, milliseconds or microseconds since 1970, told apart by their size (from 1990 to 2100 the three do not meet). */
function fromEpoch(value: number): string | null {
  if (value > 631_152_000 && value < 4_102_444_800) return instantOf(Math.round(value * 1_000));
  if (value > 631_152_000_000 && value < 4_102_444_800_000) return instantOf(Math.round(value));
  return value > 631_152_000_000_000 && value < 4_102_444_800_000_000 ? instantOf(Math.floor(value / 1_000)) : null;
}

/** A moment as canonical UTC text. A date is its midnight; what names no zone is UTC, as every one of these exports writes it. */
export function moment(row: SourceRow, ...names: string[]): string | null {
  const found = first(row, names);
  if (found === null) return null;
  const written = String(found.value).trim();
  if (/^\d{9,16}(\.\d+)?$/.test(written)) {
    const read = fromEpoch(Number(written));
    if (read !== null) return read;
  }
  let zoned = written
    .replace(/ UTC$/, "Z")
    .replace(/([+-]\d\d)$/, "$1:00")
    .replace(/([+-]\d\d)(\d\d)$/, "$1:$2");
  if (/^\d{4}-\d\d-\d\d$/.test(written)) zoned = `${written}T00:00:00Z`;
  else if (/^\d{4}-\d\d-\d\d[T ]\d\d:\d\d(:\d\d)?(\.\d+)?$/.test(zoned)) {
    zoned = `${zoned.replace(/^(.{10}[T ]\d\d:\d\d)(?!:)/, "$1:00")}Z`;
  }
  const instant = canonicalInstant(zoned);
  if (instant === null) throw wrong(found.name, "must be a time such as 2026-01-31T12:00:00Z");
  return instant;
}

/** @throws RowProblem when it is not there */
export function required<T>(value: T | null, name: string): T {
  if (value === null) throw wrong(name, "is missing");
  return value;
}

/** Whole milliseconds between two moments, or null when either is missing or they are the wrong way round. */
export function between(from: string | null, to: string | null): number | null {
  if (from === null || to === null) return null;
  const elapsed = Date.parse(`${to.slice(0, 23)}Z`) - Date.parse(`${from.slice(0, 23)}Z`);
  return elapsed >= 0 && elapsed <= 2_147_483_647 ? elapsed : null;
}

/** The entries that say something. */
export function present(fields: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== null && value !== undefined && value !== ""));
}

/** A sum of counts, null when none of them was told. */
export function sum(...parts: (number | null)[]): number | null {
  return parts.some((part) => part !== null) ? parts.reduce<number>((total, part) => total + (part ?? 0), 0) : null;
}
