import { type RangeChoice, writeRangeChoice } from "../core/time-range.ts";
import { type UsageFilters, writeFilters } from "./filters.ts";

/** Address of a usage page with its range, filters and further parameters: what a person sees is what a colleague gets. */
export function usageHref(
  slug: string,
  page: "overview" | "requests" | "explore",
  choice: RangeChoice,
  filters: UsageFilters = {},
  extra: Record<string, string> = {},
): string {
  const params = writeFilters(writeRangeChoice(new URLSearchParams(), choice), filters);
  for (const [name, value] of Object.entries(extra)) params.set(name, value);
  const query = params.toString();
  return `/${slug}/${page}${query ? `?${query}` : ""}`;
}
