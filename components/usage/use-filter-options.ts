"use client";
import { useDeferredValue, useMemo } from "react";
import type { Option } from "@/components/ui/select.tsx";
import { formatCount } from "@/lib/core/numbers.ts";
import type { TimeRange } from "@/lib/core/time-range.ts";
import { COST_STATUS_LABELS, type FilterKey, NOT_SET_KEY, NOT_SET_LABEL } from "@/lib/usage/dimensions.ts";
import { useUsage } from "@/lib/usage/hooks.ts";
import { filterValuesQuery } from "@/lib/usage/queries.ts";

/** Keys whose values are known without asking. */
const CLOSED: Partial<Record<FilterKey, readonly Option[]>> = {
  status: [
    { value: "success", label: "Success" },
    { value: "error", label: "Error" },
    { value: "timeout", label: "Timeout" },
  ],
  cost_status: Object.entries(COST_STATUS_LABELS).map(([value, label]) => ({ value, label })),
};

type UseFilterOptions = { organizationId: string; range: TimeRange; dimension: FilterKey; search: string; isOpen: boolean };

/** What a filter can be set to: the values in use in the range, most used first, searched by the database. */
export function useFilterOptions({ organizationId, range, dimension, search, isOpen }: UseFilterOptions) {
  const closed = CLOSED[dimension];
  const typed = useDeferredValue(search);
  const window = { organizationId, from: range.from, to: range.to };
  const { data } = useUsage(filterValuesQuery(window, dimension, typed), { enabled: isOpen && !closed });
  return useMemo(() => {
    const options: readonly Option[] =
      closed ??
      data?.map(({ key, label, requests }) => ({
        value: key,
        label: key === NOT_SET_KEY ? NOT_SET_LABEL : label || key,
        hint: formatCount(requests),
      })) ??
      [];
    return { options, labels: new Map(options.map((option) => [option.value, option.label])), isClosed: closed !== undefined };
  }, [closed, data]);
}

/** A value before its name has arrived. */
export function valueLabel(dimension: FilterKey, value: string): string {
  if (value === NOT_SET_KEY) return NOT_SET_LABEL;
  if (dimension === "cost_status") return COST_STATUS_LABELS[value] ?? value;
  return value;
}
