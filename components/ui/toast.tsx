"use client";
import { X } from "lucide-react";
import { Toast as Primitive } from "radix-ui";
import { useSyncExternalStore } from "react";
import { Status, type Tone } from "./badge.tsx";
import { closeStyles } from "./dialog.tsx";

type ToastInput = { title: string; description?: string; tone?: Tone; action?: { label: string; onClick: () => void } | undefined };
type ToastEntry = ToastInput & { id: number };

let entries: readonly ToastEntry[] = [];
let lastId = 0;
const listeners = new Set<() => void>();
const none: readonly ToastEntry[] = [];

function publish(next: readonly ToastEntry[]) {
  entries = next;
  for (const listener of listeners) listener();
}

/** Says briefly that something happened; an `action` offers undo. At most three are shown. */
export function toast(input: ToastInput) {
  lastId += 1;
  publish([...entries, { ...input, id: lastId }].slice(-3));
}

function subscribe(listener: () => void) {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

/** Where toasts appear; mounted once, in the root layout. */
export function Toaster() {
  const shown = useSyncExternalStore(
    subscribe,
    () => entries,
    () => none,
  );
  return (
    <Primitive.Provider duration={6000} swipeDirection="right">
      {shown.map(({ id, title, description, tone = "ok", action }) => (
        <Primitive.Root
          key={id}
          type={tone === "critical" ? "foreground" : "background"}
          onOpenChange={(open) => !open && publish(entries.filter((entry) => entry.id !== id))}
          className="flex animate-rise items-start gap-3 rounded-lg bg-raised p-3 shadow-float"
        >
          <div className="min-w-0 flex-1 break-words">
            <Primitive.Title className="font-medium text-sm">
              <Status tone={tone} className="whitespace-normal">
                {title}
              </Status>
            </Primitive.Title>
            {description ? <Primitive.Description className="ps-5 text-muted text-sm">{description}</Primitive.Description> : null}
          </div>
          {action ? (
            <Primitive.Action altText={action.label} onClick={action.onClick} className="link text-sm">
              {action.label}
            </Primitive.Action>
          ) : null}
          <Primitive.Close aria-label="Dismiss" className={closeStyles}>
            <X aria-hidden className="size-4" />
          </Primitive.Close>
        </Primitive.Root>
      ))}
      <Primitive.Viewport className="fixed end-4 bottom-4 z-60 grid w-[min(24rem,calc(100vw-2rem))] gap-2 outline-none" />
    </Primitive.Provider>
  );
}
