"use client";
import { ToggleGroup as Primitive } from "radix-ui";
import { cn } from "./cn.ts";
import type { Option } from "./select.tsx";

type SegmentedControlProps = {
  options: readonly Option[];
  value: string;
  onValueChange: (value: string) => void;
  className?: string;
  "aria-label": string;
};

/** Two to five choices, all visible, one always on. */
export function SegmentedControl({ options, value, onValueChange, className, ...props }: SegmentedControlProps) {
  return (
    <Primitive.Root
      type="single"
      value={value}
      onValueChange={(next) => next && onValueChange(next)}
      className={cn("inline-flex h-8 items-center rounded-md border border-border bg-surface p-0.5", className)}
      {...props}
    >
      {options.map((option) => (
        <Primitive.Item
          key={option.value}
          value={option.value}
          disabled={option.disabled}
          className="inline-flex h-full items-center gap-1.5 whitespace-nowrap rounded-sm px-2.5 text-muted text-sm hover:text-ink data-[state=on]:bg-raised data-[state=on]:font-medium data-[state=on]:text-ink data-[state=on]:shadow-[0_0_0_1px_var(--border)]"
        >
          {option.icon}
          {option.label}
        </Primitive.Item>
      ))}
    </Primitive.Root>
  );
}
