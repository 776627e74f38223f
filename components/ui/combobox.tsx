"use client";
import { Command } from "cmdk";
import { Check, ChevronsUpDown } from "lucide-react";
import { useId, useState } from "react";
import { cn } from "./cn.ts";
import { useFieldControl } from "./field.tsx";
import { controlStyles } from "./input.tsx";
import { matchWords } from "./match-words.ts";
import { Popover, PopoverContent, PopoverTrigger } from "./popover.tsx";
import type { Option } from "./select.tsx";

type ComboboxProps = {
  options: readonly Option[];
  /** The chosen values; one entry at most unless `multiple`. */
  value: readonly string[];
  onValueChange: (value: string[]) => void;
  multiple?: boolean;
  placeholder?: string;
  searchPlaceholder?: string;
  emptyText?: string;
  /** When given, the list is searched by the caller (server side) and not filtered here. */
  onSearch?: (text: string) => void;
  className?: string;
  "aria-label"?: string;
};

/** A searchable choice from a long list, one or several values. */
export function Combobox(props: ComboboxProps) {
  const { options, value, onValueChange, multiple = false, placeholder = "Choose…", className } = props;
  const [open, setOpen] = useState(false);
  const listId = useId();
  const chosen = options.filter((option) => value.includes(option.value)).map((option) => option.label);
  const text = chosen.length > 2 ? `${chosen.length} chosen` : chosen.join(", ");

  function choose(picked: string) {
    const isChosen = value.includes(picked);
    if (multiple) return onValueChange(isChosen ? value.filter((entry) => entry !== picked) : [...value, picked]);
    onValueChange(isChosen ? [] : [picked]);
    setOpen(false);
  }

  return (
    <Popover open={open} onOpenChange={setOpen}>
      <PopoverTrigger
        {...useFieldControl()}
        role="combobox"
        aria-expanded={open}
        aria-controls={listId}
        aria-label={props["aria-label"]}
        className={cn(controlStyles, "flex h-8 items-center justify-between gap-2 text-start", className)}
      >
        <span className={cn("truncate", !text && "text-muted")}>{text || placeholder}</span>
        <ChevronsUpDown aria-hidden className="size-4 shrink-0 text-muted" />
      </PopoverTrigger>
      <PopoverContent className="w-(--radix-popover-trigger-width) min-w-56 p-0" aria-label={props["aria-label"] ?? placeholder}>
        <OptionList {...props} listId={listId} onChoose={choose} />
      </PopoverContent>
    </Popover>
  );
}

type OptionListProps = Pick<ComboboxProps, "options" | "value" | "searchPlaceholder" | "emptyText" | "onSearch"> & {
  listId?: string;
  onChoose: (value: string) => void;
};

/** The search field and list of a Combobox alone, for use inside another popover (filter pickers). */
export function OptionList({
  options,
  value,
  searchPlaceholder = "Search…",
  emptyText = "Nothing matches.",
  onSearch,
  listId,
  onChoose,
}: OptionListProps) {
  return (
    <Command shouldFilter={!onSearch} filter={matchWords} label={searchPlaceholder}>
      <Command.Input
        autoFocus
        placeholder={searchPlaceholder}
        onValueChange={onSearch}
        className="h-9 w-full border-border border-b bg-transparent px-3 text-sm outline-none placeholder:text-muted"
      />
      <Command.List id={listId} className="max-h-64 overflow-y-auto p-1" label="Options">
        <Command.Empty className="px-2 py-4 text-center text-muted text-sm">{emptyText}</Command.Empty>
        {options.map((option) => (
          <Command.Item
            key={option.value}
            value={option.value}
            keywords={[option.label, option.hint ?? ""]}
            disabled={option.disabled}
            onSelect={() => onChoose(option.value)}
            className="flex cursor-pointer items-center gap-2 rounded-md px-2 py-1.5 text-sm data-[disabled=true]:opacity-50 data-[selected=true]:bg-hover"
          >
            <Check aria-hidden className={cn("size-4 shrink-0", value.includes(option.value) ? "opacity-100" : "opacity-0")} />
            {option.icon}
            <span className="min-w-0 flex-1 truncate" dir="auto">
              {option.label}
            </span>
            {value.includes(option.value) ? <span className="sr-only">(chosen)</span> : null}
            {option.hint ? <span className="figures text-muted text-xs">{option.hint}</span> : null}
          </Command.Item>
        ))}
      </Command.List>
    </Command>
  );
}
