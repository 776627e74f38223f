"use client";
import { Check, ChevronDown } from "lucide-react";
import { Select as Primitive } from "radix-ui";
import type { ReactNode } from "react";
import { cn } from "./cn.ts";
import { useFieldControl } from "./field.tsx";
import { controlStyles } from "./input.tsx";

export type Option = { value: string; label: string; hint?: string; icon?: ReactNode; disabled?: boolean };

type SelectProps = {
  options: readonly Option[];
  value?: string;
  defaultValue?: string;
  onValueChange?: (value: string) => void;
  name?: string;
  placeholder?: string;
  disabled?: boolean;
  className?: string;
  "aria-label"?: string;
};

/** One choice from a short, fixed list. For long or searched lists use Combobox. Values must not be empty strings. */
export function Select({ options, placeholder = "Choose…", className, "aria-label": label, ...props }: SelectProps) {
  return (
    <Primitive.Root {...props}>
      <Primitive.Trigger
        {...useFieldControl()}
        aria-label={label}
        className={cn(controlStyles, "flex h-8 items-center justify-between gap-2 text-start data-placeholder:text-muted", className)}
      >
        <span className="truncate">
          {/* Said here, the choice is in the page that the server sends; Radix finds it only once its list has been mounted. */}
          <Primitive.Value placeholder={placeholder}>{options.find(({ value }) => value === props.value)?.label}</Primitive.Value>
        </span>
        <ChevronDown aria-hidden className="size-4 shrink-0 text-muted" />
      </Primitive.Trigger>
      <Primitive.Portal>
        <Primitive.Content
          position="popper"
          sideOffset={4}
          className="z-50 max-h-(--radix-select-content-available-height) min-w-(--radix-select-trigger-width) max-w-[min(24rem,calc(100vw-2rem))] animate-rise overflow-hidden rounded-lg bg-raised p-1 shadow-float"
        >
          <Primitive.Viewport>
            {options.map((option) => (
              <Primitive.Item
                key={option.value}
                value={option.value}
                disabled={option.disabled}
                className="relative flex select-none flex-col rounded-md py-1.5 ps-2 pe-8 text-sm outline-none data-highlighted:bg-hover data-disabled:opacity-50"
              >
                <span className="flex items-center gap-2">
                  {option.icon}
                  <Primitive.ItemText>{option.label}</Primitive.ItemText>
                </span>
                {option.hint ? <span className="text-muted text-xs">{option.hint}</span> : null}
                <Primitive.ItemIndicator className="absolute end-2 top-2">
                  <Check aria-hidden className="size-4" />
                </Primitive.ItemIndicator>
              </Primitive.Item>
            ))}
          </Primitive.Viewport>
        </Primitive.Content>
      </Primitive.Portal>
    </Primitive.Root>
  );
}
