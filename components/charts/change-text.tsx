import { ArrowDown, ArrowUp, Minus, Plus } from "lucide-react";
import { cn } from "@/components/ui/cn.ts";
import type { Change } from "@/lib/core/money.ts";

const ICONS = { up: ArrowUp, down: ArrowDown, none: Minus, new: Plus };

type ChangeTextProps = {
  change: Change | null;
  /** The percentage alone, for narrow columns. */
  short?: boolean;
  /** Says "more" or "less" for eyes too; screen readers always hear it. */
  withWord?: boolean;
  className?: string;
};

/** How something moved: arrow, word and figures; neutral in colour, because more is not always worse. */
export function ChangeText({ change, short = false, withWord = false, className }: ChangeTextProps) {
  if (!change) return <span className={cn("text-muted", className)}>–</span>;
  const Icon = ICONS[change.direction];
  const text = short ? (change.percent ?? change.word) : change.text;
  return (
    <span className={cn("figures inline-flex items-center gap-1 whitespace-nowrap", className)} title={change.text}>
      <Icon aria-hidden className="size-3 shrink-0 text-muted" />
      {text}
      {change.percent ? <span className={withWord ? undefined : "sr-only"}> {change.word}</span> : null}
    </span>
  );
}
