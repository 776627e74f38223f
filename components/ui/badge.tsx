import { CircleAlert, CircleCheck, Info, TriangleAlert } from "lucide-react";
import type { ReactNode } from "react";
import { cn } from "./cn.ts";

export type Tone = "neutral" | "ok" | "warning" | "critical" | "info";

export const toneText: Record<Tone, string> = {
  neutral: "text-muted",
  ok: "text-ok",
  warning: "text-warning",
  critical: "text-critical",
  info: "text-info",
};
const toneFill: Record<Tone, string> = {
  neutral: "bg-hover text-ink",
  ok: "bg-ok-soft text-ok",
  warning: "bg-warning-soft text-warning",
  critical: "bg-critical-soft text-critical",
  info: "bg-info-soft text-info",
};
const icons = { ok: CircleCheck, warning: TriangleAlert, critical: CircleAlert, info: Info };

/** A short word on a thing: role, scope, kind. */
export function Badge({ tone = "neutral", className, children }: { tone?: Tone; className?: string; children: ReactNode }) {
  return (
    <span
      className={cn(
        "inline-flex h-5 items-center gap-1 whitespace-nowrap rounded-sm px-1.5 font-medium text-xs",
        toneFill[tone],
        className,
      )}
    >
      {children}
    </span>
  );
}

/** A state in words with a mark of its own shape, so that it never depends on colour alone. */
export function Status({ tone, className, children }: { tone: Tone; className?: string; children: ReactNode }) {
  const Icon = tone === "neutral" ? null : icons[tone];
  return (
    <span className={cn("inline-flex items-center gap-1.5 whitespace-nowrap text-sm", className)}>
      {Icon ? (
        <Icon aria-hidden className={cn("size-3.5", toneText[tone])} />
      ) : (
        <span aria-hidden className="size-2 rounded-full border-2 border-faint" />
      )}
      {children}
    </span>
  );
}
