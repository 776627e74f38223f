import { ArrowDown, ArrowUp, Minus, Plus } from "lucide-react";
import { cn } from "@/components/ui/cn.ts";
import type { Change } from "@/lib/core/money.ts";

const ICONS = { up: ArrowUp, down: ArrowDown, none: Minus, new: Plus };

/** How something moved: arrow, word and figures; neutral in colour, because more is not always worse. */
export function ChangeText({ change, short = false, className }: { change: Change | null; short?: boolean; className?: string }) {
  if (!change) return <span className={cn("text-muted", className)}>–</span>;
  const Icon = ICONS[change.direction];
  const text = short ? (change.percent ?? change.word) : change.text;
  return (
    <span className={cn("figures inline-flex items-center gap-1 whitespace-nowrap", className)} title={change.text}>
      <Icon aria-hidden className="size-3 shrink-0 text-muted" />
      {text}
      {change.percent ? <span className="sr-only"> {change.word}</span> : null}
    </span>
  );
}
