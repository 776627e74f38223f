/** What Next hands a page for its query string. */
export type SearchParams = Promise<Record<string, string | string[] | undefined>>;

export function toUrlParams(params: Awaited<SearchParams>): URLSearchParams {
  const result = new URLSearchParams();
  for (const [name, value] of Object.entries(params)) {
    for (const each of Array.isArray(value) ? value : [value]) if (each !== undefined) result.append(name, each);
  }
  return result;
}
