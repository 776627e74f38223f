"use client";
import { X } from "lucide-react";
import { Dialog as Primitive } from "radix-ui";
import type { ReactNode } from "react";
import { cn } from "./cn.ts";

export const Dialog = Primitive.Root;
export const DialogClose = Primitive.Close;

export const overlayStyles = "fixed inset-0 z-40 animate-fade bg-black/45";
export const closeStyles = "grid size-7 shrink-0 place-items-center rounded-md text-muted hover:bg-hover hover:text-ink";

type DialogContentProps = { title: string; description?: ReactNode; className?: string; children: ReactNode; dismissible?: boolean };

/** Centred dialog with its title; Esc closes. `dismissible={false}` ignores clicks outside (a secret shown once). */
export function DialogContent({ title, description, className, children, dismissible = true }: DialogContentProps) {
  return (
    <Primitive.Portal>
      <Primitive.Overlay className={overlayStyles} />
      <Primitive.Content
        {...(description ? {} : { "aria-describedby": undefined })}
        onInteractOutside={dismissible ? undefined : (event) => event.preventDefault()}
        className={cn(
          "fixed top-[12dvh] left-1/2 z-50 max-h-[80dvh] w-[min(30rem,calc(100vw-1.5rem))] -translate-x-1/2 overflow-y-auto rounded-lg bg-raised p-5 shadow-float outline-none",
          className,
        )}
      >
        <div className="mb-4 flex items-start justify-between gap-4">
          <div className="min-w-0">
            <Primitive.Title className="break-words font-semibold text-base">{title}</Primitive.Title>
            {description ? <Primitive.Description className="mt-1 text-muted text-sm">{description}</Primitive.Description> : null}
          </div>
          <Primitive.Close className={closeStyles} aria-label="Close">
            <X aria-hidden className="size-4" />
          </Primitive.Close>
        </div>
        {children}
      </Primitive.Content>
    </Primitive.Portal>
  );
}

/** Buttons at the foot of a dialog: the main one last. */
export function DialogFooter({ children }: { children: ReactNode }) {
  return <div className="mt-5 flex flex-wrap justify-end gap-2">{children}</div>;
}
