/** Whether a path, with or without query, is `prefix` itself or below it. */
export const isUnder = (path: string, prefix: string): boolean =>
  path.startsWith(prefix) && (path.length === prefix.length || path[prefix.length] === "/" || path[prefix.length] === "?");

/** Whether a request target (path and query) belongs to the machine doors; everything else is a page. */
export function isMachinePath(target: string): boolean {
  return isUnder(target, "/api/sdk") || isUnder(target, "/api/otlp") || isUnder(target, "/api/v1") || isUnder(target, "/health");
}
