import { cn } from "./cn.ts";

/** The mark and, unless `markOnly`, the name. */
export function Logo({ markOnly, className }: { markOnly?: boolean; className?: string }) {
  return (
    <span className={cn("inline-flex items-center gap-2 font-semibold text-base tracking-tight", className)}>
      <svg viewBox="0 0 32 32" className="size-6" role="img" aria-label="TokenTRA">
        <rect width="32" height="32" rx="7" fill="var(--ink)" />
        <path d="M8 21.5v-4M13.3 21.5v-8M18.7 21.5v-5.5M24 21.5V9.5" stroke="var(--background)" strokeWidth="3" strokeLinecap="round" />
      </svg>
      {markOnly ? null : <span aria-hidden>TokenTRA</span>}
    </span>
  );
}
