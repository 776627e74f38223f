"use client";
import { ChevronLeft } from "lucide-react";
import { type ReactNode, useState } from "react";
import { Button } from "@/components/ui/button.tsx";
import { AddFilterButton, FilterChip } from "@/components/ui/chip.tsx";
import { OptionList } from "@/components/ui/combobox.tsx";
import { Popover, PopoverAnchor, PopoverContent, PopoverTrigger } from "@/components/ui/popover.tsx";
import type { TimeRange } from "@/lib/core/time-range.ts";
import { DIMENSION_LABELS, FILTER_KEYS, type FilterKey } from "@/lib/usage/dimensions.ts";
import { countFilters, toggleFilter, type UsageFilters, withFilter } from "@/lib/usage/filters.ts";
import { useFilterOptions, valueLabel } from "./use-filter-options.ts";

type FilterBarProps = {
  organizationId: string;
  range: TimeRange;
  filters: UsageFilters;
  onFilters: (filters: UsageFilters) => void;
  children?: ReactNode;
};

/** Filters that are on, each with its way off, and one button to add more. */
export function FilterBar({ organizationId, range, filters, onFilters, children }: FilterBarProps) {
  const active = FILTER_KEYS.filter((key) => filters[key]);
  return (
    <search aria-label="Filters" className="flex flex-wrap items-center gap-2">
      {children}
      {active.map((key) => (
        <ActiveFilter key={key} dimension={key} organizationId={organizationId} range={range} filters={filters} onFilters={onFilters} />
      ))}
      <AddFilter organizationId={organizationId} range={range} filters={filters} onFilters={onFilters} />
      {countFilters(filters) > 1 ? (
        <Button variant="ghost" size="sm" className="text-muted" onClick={() => onFilters({})}>
          Clear all
        </Button>
      ) : null}
    </search>
  );
}

type DimensionProps = Omit<FilterBarProps, "children"> & { dimension: FilterKey };

/** One chip per key: its values are alternatives, so they stand together. */
function ActiveFilter({ dimension, organizationId, range, filters, onFilters }: DimensionProps) {
  const [open, setOpen] = useState(false);
  const { labels } = useFilterOptions({ organizationId, range, dimension, search: "", isOpen: true });
  const values = filters[dimension] ?? [];
  return (
    <Popover open={open} onOpenChange={setOpen}>
      <PopoverAnchor asChild>
        <span>
          <FilterChip
            label={DIMENSION_LABELS[dimension].one}
            value={values.map((value) => labels.get(value) ?? valueLabel(dimension, value)).join(" or ")}
            onEdit={() => setOpen(true)}
            onRemove={() => onFilters(withFilter(filters, dimension, []))}
          />
        </span>
      </PopoverAnchor>
      <PopoverContent className="w-72 p-0" aria-label={`Filter by ${DIMENSION_LABELS[dimension].one}`}>
        <Values dimension={dimension} organizationId={organizationId} range={range} filters={filters} onFilters={onFilters} />
      </PopoverContent>
    </Popover>
  );
}

function AddFilter(props: Omit<FilterBarProps, "children">) {
  const [open, setOpen] = useState(false);
  const [dimension, setDimension] = useState<FilterKey | null>(null);
  const options = FILTER_KEYS.map((key) => ({ value: key, label: DIMENSION_LABELS[key].one }));
  return (
    <Popover
      open={open}
      onOpenChange={(next) => {
        setOpen(next);
        setDimension(null);
      }}
    >
      <PopoverTrigger asChild>
        <AddFilterButton />
      </PopoverTrigger>
      <PopoverContent className="w-72 p-0" aria-label="Add a filter">
        {dimension === null ? (
          <OptionList options={options} value={[]} searchPlaceholder="Filter by…" onChoose={(value) => setDimension(value as FilterKey)} />
        ) : (
          <>
            <button
              type="button"
              className="flex w-full items-center gap-1 border-border border-b px-2 py-1.5 text-muted text-xs hover:bg-hover"
              onClick={() => setDimension(null)}
            >
              <ChevronLeft aria-hidden className="size-3.5 rtl:-scale-x-100" />
              {DIMENSION_LABELS[dimension].one}
            </button>
            <Values dimension={dimension} {...props} />
          </>
        )}
      </PopoverContent>
    </Popover>
  );
}

/** Stands in for the empty value, which the list cannot hold. */
const NOT_SET_OPTION = "\u0000not-set";

function Values({ dimension, organizationId, range, filters, onFilters }: DimensionProps) {
  const [search, setSearch] = useState("");
  const { options, isClosed } = useFilterOptions({ organizationId, range, dimension, search, isOpen: true });
  const wrap = (value: string) => (value === "" ? NOT_SET_OPTION : value);
  const unwrap = (value: string) => (value === NOT_SET_OPTION ? "" : value);
  return (
    <OptionList
      options={options.map((option) => ({ ...option, value: wrap(option.value) }))}
      value={(filters[dimension] ?? []).map(wrap)}
      emptyText="Nothing in this range matches."
      {...(isClosed ? {} : { onSearch: setSearch })}
      onChoose={(value) => onFilters(toggleFilter(filters, dimension, unwrap(value)))}
    />
  );
}
