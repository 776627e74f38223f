import { formatMoney, formatMoneyExact } from "@/lib/core/money.ts";
import { formatCount } from "@/lib/core/numbers.ts";
import type { Repriced } from "@/lib/pricing/repriced.ts";
import { percentWords, RepricedTable, signed } from "./repriced-table.tsx";

/** What the last 30 days would have cost under an agreement that is not made yet. */
export function OverridePreview({ rows }: { rows: readonly Repriced[] }) {
  const whole = rows.find(({ dimension }) => dimension === "none");
  const models = rows.filter(({ dimension, difference }) => dimension === "model" && !/^-?0(\.0*)?$/.test(difference));
  if (!whole || whole.requests === 0) return <p className="text-muted text-sm">The last 30 days hold no requests to try this on.</p>;
  return (
    <section aria-label="Preview" className="grid gap-2 rounded-md border border-border p-3">
      <p className="text-sm" aria-live="polite">
        The last 30 days would have cost <strong title={formatMoneyExact(whole.cost_then)}>{formatMoney(whole.cost_then)}</strong> instead
        of {formatMoney(whole.cost)}: <strong title={formatMoneyExact(whole.difference)}>{signed(whole.difference)}</strong>{" "}
        <span className="text-muted">{percentWords(whole)}</span>.
        {whole.unpriced_requests > 0 ? ` ${formatCount(whole.unpriced_requests)} requests without a price are not compared.` : ""}
      </p>
      {models.length > 0 ? <RepricedTable label="Model" rows={models.slice(0, 5)} now="Now" after="Then" /> : null}
    </section>
  );
}
