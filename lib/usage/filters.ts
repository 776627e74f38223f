import { FILTER_KEYS, type FilterKey } from "./dimensions.ts";

/** `{ model: ["gpt-5", ""] }`; the empty string stands for "not set". Values of one key are alternatives, keys narrow each other. */
export type UsageFilters = Partial<Record<FilterKey, readonly string[]>>;

const MAX_VALUES = 50;

/** Filters in the URL are repeated parameters (`model=a&model=b`), so that any text survives and a link can be read. */
export function readFilters(params: URLSearchParams): UsageFilters {
  const filters: UsageFilters = {};
  for (const key of FILTER_KEYS) {
    const values = [...new Set(params.getAll(key))].slice(0, MAX_VALUES);
    if (values.length > 0) filters[key] = values;
  }
  return filters;
}

export function writeFilters(params: URLSearchParams, filters: UsageFilters): URLSearchParams {
  const next = new URLSearchParams(params);
  for (const key of FILTER_KEYS) {
    next.delete(key);
    for (const value of filters[key] ?? []) next.append(key, value);
  }
  return next;
}

export function withFilter(filters: UsageFilters, key: FilterKey, values: readonly string[]): UsageFilters {
  const { [key]: _, ...rest } = filters;
  return values.length > 0 ? { ...rest, [key]: values } : rest;
}

export function toggleFilter(filters: UsageFilters, key: FilterKey, value: string): UsageFilters {
  const now = filters[key] ?? [];
  return withFilter(filters, key, now.includes(value) ? now.filter((each) => each !== value) : [...now, value]);
}

export function countFilters(filters: UsageFilters): number {
  return FILTER_KEYS.reduce((sum, key) => sum + (filters[key]?.length ?? 0), 0);
}
