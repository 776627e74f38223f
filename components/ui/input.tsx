"use client";
import type { ComponentProps } from "react";
import { cn } from "./cn.ts";
import { useFieldControl } from "./field.tsx";

export const controlStyles =
  "w-full rounded-md border border-control/80 bg-raised px-2.5 text-ink text-sm placeholder:text-muted hover:border-control disabled:cursor-not-allowed disabled:opacity-60 aria-invalid:border-critical focus-visible:outline-offset-0";

export function Input({ className, ...props }: ComponentProps<"input">) {
  return <input dir="auto" {...useFieldControl()} className={cn(controlStyles, "h-8", className)} {...props} />;
}
