import { CircleAlert, CircleCheck, Info, TriangleAlert } from "lucide-react";
import type { ReactNode } from "react";
import { type Tone, toneText } from "./badge.tsx";
import { cn } from "./cn.ts";

const icons = { neutral: Info, ok: CircleCheck, warning: TriangleAlert, critical: CircleAlert, info: Info };
const fills: Record<Tone, string> = {
  neutral: "bg-surface border-border",
  ok: "bg-ok-soft border-ok/25",
  warning: "bg-warning-soft border-warning/25",
  critical: "bg-critical-soft border-critical/25",
  info: "bg-info-soft border-info/25",
};

type BannerProps = { tone?: Tone; title?: string; actions?: ReactNode; className?: string; children?: ReactNode };

/** A message in the flow of the page. Critical ones are announced at once. */
export function Banner({ tone = "info", title, actions, className, children }: BannerProps) {
  const Icon = icons[tone];
  return (
    <div
      role={tone === "critical" ? "alert" : "status"}
      className={cn("flex flex-wrap items-start gap-x-3 gap-y-2 rounded-md border px-3 py-2 text-ink text-sm", fills[tone], className)}
    >
      <Icon aria-hidden className={cn("mt-0.5 size-4 shrink-0", toneText[tone])} />
      <div className="min-w-0 flex-1 basis-48 break-words">
        {title ? <p className="font-medium">{title}</p> : null}
        {children}
      </div>
      {actions ? <div className="flex flex-wrap gap-2">{actions}</div> : null}
    </div>
  );
}
