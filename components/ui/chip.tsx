"use client";
import { Plus, X } from "lucide-react";
import type { ComponentProps } from "react";
import { cn } from "./cn.ts";

type FilterChipProps = { label: string; value: string; onRemove: () => void; onEdit?: () => void; className?: string };

/** A filter that is on: what it is, what it is set to, and a cross that takes it off. */
export function FilterChip({ label, value, onRemove, onEdit, className }: FilterChipProps) {
  const text = (
    <>
      <span className="text-muted">{label}</span>
      <span className="truncate font-medium" dir="auto">
        {value}
      </span>
    </>
  );
  return (
    <span className={cn("inline-flex h-7 max-w-80 items-center rounded-md border border-border bg-surface text-xs", className)}>
      {onEdit ? (
        <button type="button" onClick={onEdit} className="flex h-full min-w-0 items-center gap-1.5 ps-2 pe-1 hover:bg-hover">
          {text}
        </button>
      ) : (
        <span className="flex min-w-0 items-center gap-1.5 ps-2 pe-1">{text}</span>
      )}
      <button
        type="button"
        onClick={onRemove}
        aria-label={`Remove filter ${label} ${value}`}
        className="grid size-7 shrink-0 place-items-center rounded-md text-muted hover:bg-hover hover:text-ink"
      >
        <X aria-hidden className="size-3.5" />
      </button>
    </span>
  );
}

/** The dashed button that adds a filter; works as a popover trigger with `asChild`. */
export function AddFilterButton({ className, children = "Filter", ...props }: ComponentProps<"button">) {
  return (
    <button
      type="button"
      className={cn(
        "inline-flex h-7 items-center gap-1 rounded-md border border-control border-dashed px-2 text-muted text-xs hover:bg-hover hover:text-ink",
        className,
      )}
      {...props}
    >
      <Plus aria-hidden className="size-3.5" />
      {children}
    </button>
  );
}
