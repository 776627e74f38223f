import { percentWords, RepricedTable, signed } from "@/components/pricing/repriced-table.tsx";
import { Section } from "@/components/ui/section.tsx";
import { formatMoney, formatMoneyExact, shareOf } from "@/lib/core/money.ts";
import { formatCount } from "@/lib/core/numbers.ts";
import type { Repriced } from "@/lib/pricing/repriced.ts";

type WhatIfAnswerProps = { rows: readonly Repriced[]; whole: Repriced; when: string };

const TABLES = [
  { dimension: "team", label: "Team" },
  { dimension: "feature", label: "Feature" },
  { dimension: "model", label: "Model" },
] as const;

/** The whole in three figures, then who would feel it. */
export function WhatIfAnswer({ rows, whole, when }: WhatIfAnswerProps) {
  return (
    <>
      <dl className="mb-6 grid gap-x-8 gap-y-4 sm:grid-cols-3">
        <Figure label="It cost" value={whole.cost} note={`${formatCount(whole.compared_requests)} requests, ${when}`} width={1} />
        <Figure
          label="It would have cost"
          value={whole.cost_then}
          note={estimateWords(whole)}
          width={shareOf(whole.cost_then, whole.cost) ?? 0}
        />
        <div>
          <dt className="text-muted text-sm">Difference</dt>
          <dd className="figures font-semibold text-2xl tracking-tight" title={formatMoneyExact(whole.difference)}>
            {signed(whole.difference)}
          </dd>
          <dd className="text-muted text-xs">{percentWords(whole)}</dd>
        </div>
      </dl>
      {whole.unpriced_requests > 0 ? (
        <p className="mb-4 rounded-md border border-warning/25 bg-warning-soft px-3 py-2 text-sm">
          {formatCount(whole.unpriced_requests)} of {formatCount(whole.requests)} requests have no price, or would have none, and are left
          out of every figure here.
        </p>
      ) : null}
      {TABLES.map(({ dimension, label }) => {
        const parts = rows.filter((row) => row.dimension === dimension);
        return parts.length === 0 ? null : (
          <Section key={dimension} title={`By ${label.toLowerCase()}`}>
            <RepricedTable label={label} rows={parts} now="It cost" after="Would have cost" />
          </Section>
        );
      })}
    </>
  );
}

function estimateWords({ estimated_requests }: Repriced): string {
  return estimated_requests === 0 ? "exact, from the same prices as a bill" : `${formatCount(estimated_requests)} requests estimated`;
}

/** A figure over a bar whose length is its part of what it cost; more than that fills the line. */
function Figure({ label, value, note, width }: { label: string; value: string; note: string; width: number }) {
  return (
    <div>
      <dt className="text-muted text-sm">{label}</dt>
      <dd className="figures font-semibold text-2xl tracking-tight" title={formatMoneyExact(value)}>
        {formatMoney(value)}
      </dd>
      <dd aria-hidden className="mt-1 h-1.5 rounded-full bg-hover">
        <div className="h-full rounded-full bg-accent" style={{ width: `${Math.min(100, width * 100)}%` }} />
      </dd>
      <dd className="mt-1 text-muted text-xs">{note}</dd>
    </div>
  );
}
