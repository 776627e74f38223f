"use client";
import { X } from "lucide-react";
import { Dialog as Primitive } from "radix-ui";
import type { ReactNode } from "react";
import { cn } from "./cn.ts";
import { closeStyles, overlayStyles } from "./dialog.tsx";

export const Sheet = Primitive.Root;
export const SheetTrigger = Primitive.Trigger;

type SheetContentProps = { title: ReactNode; description?: ReactNode; side?: "start" | "end"; className?: string; children: ReactNode };

/** Panel from the side: details of a row (end) or the navigation on a phone (start). */
export function SheetContent({ title, description, side = "end", className, children }: SheetContentProps) {
  return (
    <Primitive.Portal>
      <Primitive.Overlay className={overlayStyles} />
      <Primitive.Content
        {...(description ? {} : { "aria-describedby": undefined })}
        className={cn(
          "fixed inset-y-0 z-50 flex w-[min(34rem,100vw)] animate-slide-in flex-col bg-raised shadow-float outline-none",
          side === "end" ? "end-0" : "start-0 [--slide-from:-16px]",
          className,
        )}
      >
        <div className="flex items-start justify-between gap-4 border-border border-b px-5 py-3.5">
          <div className="min-w-0">
            <Primitive.Title className="break-words font-semibold text-base" dir="auto">
              {title}
            </Primitive.Title>
            {description ? <Primitive.Description className="text-muted text-sm">{description}</Primitive.Description> : null}
          </div>
          <Primitive.Close className={closeStyles} aria-label="Close">
            <X aria-hidden className="size-4" />
          </Primitive.Close>
        </div>
        <div className="min-h-0 flex-1 overflow-y-auto px-5 py-4">{children}</div>
      </Primitive.Content>
    </Primitive.Portal>
  );
}
