import type { ReactNode } from "react";
import { ChangeText } from "@/components/charts/change-text.tsx";
import type { Change } from "@/lib/core/money.ts";

type FigureProps = {
  label: string;
  value: string;
  /** Every digit, on hover and for screen readers. */
  exact?: string;
  change?: Change | null;
  /** What the change is measured against: "than yesterday by this time". */
  against?: string;
  mark?: ReactNode;
  children?: ReactNode;
};

/** One number that matters, with what it is compared with. The number is the hero; everything else is quiet. */
export function Figure({ label, value, exact, change, against, mark, children }: FigureProps) {
  return (
    <div className="flex min-w-0 flex-col gap-1">
      <dt className="text-muted text-xs">{label}</dt>
      <dd className="flex min-w-0 flex-1 flex-col gap-1">
        <span className="flex flex-wrap items-baseline gap-x-2">
          <span className="figures font-semibold text-2xl tracking-tight" title={exact} tabIndex={exact && exact !== value ? 0 : undefined}>
            {value}
            {exact && exact !== value ? <span className="sr-only"> exactly {exact}</span> : null}
          </span>
          {mark}
        </span>
        {change ? (
          <span className="flex flex-wrap items-baseline gap-x-1 text-muted text-xs">
            <ChangeText change={change} withWord className="text-ink" />
            {against}
          </span>
        ) : null}
        {children}
      </dd>
    </div>
  );
}
