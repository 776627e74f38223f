import { AppError } from "../core/errors.ts";

/** A place in a list as an opaque word for URLs: the parts of the key after which the next page begins. */
export function writeCursor(...parts: string[]): string {
  const bytes = new TextEncoder().encode(JSON.stringify(parts));
  return btoa(String.fromCharCode(...bytes))
    .replaceAll("+", "-")
    .replaceAll("/", "_")
    .replaceAll("=", "");
}

/**
 * The parts of a cursor, each held to its pattern.
 * @throws AppError `invalid` for whatever `writeCursor` did not make for this list.
 */
export function readCursor(cursor: string, ...patterns: RegExp[]): string[] {
  const refused = new AppError("invalid", "cursor is no cursor of ours: take next_cursor of the page before.", { param: "cursor" });
  let parts: unknown;
  try {
    const bytes = Uint8Array.from(atob(cursor.replaceAll("-", "+").replaceAll("_", "/")), (letter) => letter.charCodeAt(0));
    parts = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
  } catch {
    throw refused;
  }
  if (!Array.isArray(parts) || parts.length !== patterns.length) throw refused;
  return patterns.map((pattern, at) => {
    const part: unknown = parts[at];
    if (typeof part !== "string" || !pattern.test(part)) throw refused;
    return part;
  });
}
