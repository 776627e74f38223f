import { cn } from "@/components/ui/cn.ts";
import { formatMoney, formatMoneyExact } from "@/lib/core/money.ts";

/** An amount with every digit on hover; a difference of nothing is quiet, any other carries its sign in words for screen readers. */
export function Amount({ value, signed = false, className }: { value: string; signed?: boolean; className?: string }) {
  const isNothing = /^-?0(\.0*)?$/.test(value);
  const shown = formatMoney(value);
  return (
    <span
      className={cn("figures whitespace-nowrap", isNothing && "text-muted", className)}
      title={formatMoneyExact(value)}
      data-amount={value}
    >
      {signed && !isNothing && !value.startsWith("-") ? `+${shown}` : shown}
    </span>
  );
}
