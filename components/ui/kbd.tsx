import type { ReactNode } from "react";

/** One key of the keyboard. */
export function Kbd({ children }: { children: ReactNode }) {
  return (
    <kbd className="inline-grid h-5 min-w-5 place-items-center rounded-sm border border-border bg-surface px-1 font-sans text-muted text-xs">
      {children}
    </kbd>
  );
}
