/** Postgres array literals. Written by hand, because a driver's general serialiser costs more than the insert it feeds. */

export function numberArray(values: readonly number[]): string {
  return `{${values.join(",")}}`;
}

/** Numbers or booleans, null where absent. */
export function rawArray(values: readonly (number | boolean | null)[]): string {
  let literal = "{";
  for (let place = 0; place < values.length; place++) literal += place === 0 ? (values[place] ?? "NULL") : `,${values[place] ?? "NULL"}`;
  return `${literal}}`;
}

/** Texts, or anything else that Postgres reads from text, null where absent. Always quoted; `"` and `\` escaped. */
export function textArray(values: readonly (string | null)[]): string {
  let literal = "{";
  for (let place = 0; place < values.length; place++) {
    const value = values[place];
    if (place > 0) literal += ",";
    if (value === null || value === undefined) literal += "NULL";
    else literal += value.includes('"') || value.includes("\\") ? `"${value.replace(/["\\]/g, "\\$&")}"` : `"${value}"`;
  }
  return `${literal}}`;
}

export function binaryArray(values: readonly Uint8Array[]): string {
  const hex = (bytes: Uint8Array) => Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
  return `{${values.map((bytes) => `"\\\\x${hex(bytes)}"`).join(",")}}`;
}
