import { formatMoney, formatMoneyExact, type Money } from "@/lib/core/money.ts";
import { COST_STATUS_LABELS } from "@/lib/usage/dimensions.ts";

/** What one request cost; an unknown price is a word, and what is not exact says so. */
export function RequestCost({ cost, status }: { cost: Money; status: string }) {
  const isUnpriced = cost === null;
  const isMarked = !isUnpriced && status !== "exact" && status !== "provider_reported";
  return (
    <span className={isUnpriced ? "text-warning" : undefined} title={`${formatMoneyExact(cost)} · ${COST_STATUS_LABELS[status] ?? status}`}>
      {isMarked ? (
        <span className="text-muted">
          ~<span className="sr-only"> {COST_STATUS_LABELS[status] ?? status} </span>
        </span>
      ) : null}
      {formatMoney(cost)}
    </span>
  );
}
