/** `JSON.rawJSON` (Node 22+): writes digits into JSON as they are. Not in TypeScript's ES2023 library. */
const { rawJSON } = JSON as unknown as { rawJSON(text: string): unknown };

/** PostgREST's spelling: `2026-11-20T22:35:47.12+00:00` for Postgres' `2026-11-20 22:35:47.12+00`. */
function isoTimestamp(text: string): string {
  const [, date, time, zone = ""] = /^(\d{4,}-\d\d-\d\d) (\d\d:\d\d:\d\d(?:\.\d+)?)([+-]\d\d(?::\d\d){0,2})?$/.exec(text) ?? [];
  // infinity and years BC have no such spelling and stay as they are, as in PostgREST.
  if (!date) return text;
  return `${date}T${time}${zone.length === 3 ? `${zone}:00` : zone}`;
}

/** A JSON number with every digit where a plain one would lose some. NaN and infinity are no JSON numbers and stay text. */
function exactNumber(text: string): unknown {
  if (String(Number(text)) === text && /\d/.test(text)) return Number(text);
  return /^-?\d+(\.\d+)?$/.test(text) ? rawJSON(text) : text;
}

/**
 * lite hands documents over already written, and writing them again would store a string that holds JSON. It does not say
 * which strings it wrote: what reads as an object or array is taken as written, every other string is a JSON string.
 */
function writeJsonOnce(value: unknown): string {
  if (typeof value === "string" && /^\s*[[{]/.test(value)) {
    try {
      JSON.parse(value);
      return value;
    } catch {
      // A plain string that begins like a document.
    }
  }
  return JSON.stringify(value);
}

const asText = (value: unknown) => String(value);
const parseJson = (text: string): unknown => JSON.parse(text);

/** Replaces lite's readers and writers of values, by Postgres type. */
export const wireTypes = {
  json: { to: 114, from: [114], serialize: writeJsonOnce, parse: parseJson },
  jsonb: { to: 3802, from: [3802], serialize: writeJsonOnce, parse: parseJson },
  bigint: { to: 20, from: [20], serialize: asText, parse: exactNumber },
  numeric: { to: 1700, from: [1700], serialize: asText, parse: exactNumber },
  timestamp: { to: 1114, from: [1114], serialize: asText, parse: isoTimestamp },
  timestamptz: { to: 1184, from: [1184], serialize: asText, parse: isoTimestamp },
};
