"use client";
import { Download, X } from "lucide-react";
import { WaterfallChart } from "@/components/charts/waterfall.tsx";
import { Button } from "@/components/ui/button.tsx";
import { cn } from "@/components/ui/cn.ts";
import { saveCsv } from "@/components/ui/download.ts";
import { Section } from "@/components/ui/section.tsx";
import { Skeleton } from "@/components/ui/skeleton.tsx";
import { QueryError } from "@/components/usage/query-error.tsx";
import { formatMoney, formatMoneyExact } from "@/lib/core/money.ts";
import { describeRange, type TimeRange } from "@/lib/core/time-range.ts";
import { layWaterfall } from "@/lib/core/waterfall.ts";
import type { Dimension } from "@/lib/usage/dimensions.ts";
import { CHANGE_PART_WORDS, CHANGE_PARTS, changeSentence, type ExplainedChange, formatSigned } from "@/lib/usage/explain.ts";
import type { UsageFilters } from "@/lib/usage/filters.ts";
import { useUsage } from "@/lib/usage/hooks.ts";
import { explainArgs } from "@/lib/usage/picture.ts";
import { explainChangeQuery } from "@/lib/usage/queries.ts";
import { explainCsv } from "./explain-csv.ts";
import { ExplainTable } from "./explain-table.tsx";

type ExplainChangeProps = {
  organizationId: string;
  range: TimeRange;
  dimension: Dimension;
  filters: UsageFilters;
  onClose: () => void;
};

/** Why the range costs more or less than the period before: one sentence, the steps between the two sums, and the same per row. */
export function ExplainChange({ organizationId, range, dimension, filters, onClose }: ExplainChangeProps) {
  const args = explainArgs({ organizationId, range, dimension, filters });
  const { data, error, refetch, isPlaceholderData } = useUsage(explainChangeQuery(args), { enabled: range.compare !== null });
  const total = data?.[0];
  const before = { from: args.compare.from, to: args.compare.to, timeZone: range.timeZone };
  return (
    <Section
      title="What made the difference"
      description={`Cost of ${describeRange(range)} beside ${describeRange(before)}. The parts sum to the change to the last digit.`}
      className="mt-6"
      actions={
        <>
          <Button size="sm" disabled={!data} onClick={() => data && saveCsv(`change-by-${dimension}.csv`, explainCsv(data, dimension))}>
            <Download aria-hidden />
            CSV of the parts
          </Button>
          <Button size="icon-sm" variant="ghost" aria-label="Close the explanation" onClick={onClose}>
            <X aria-hidden />
          </Button>
        </>
      }
    >
      {error && !data ? <QueryError error={error} what="The explanation" onRetry={() => refetch()} /> : null}
      {!data && !error ? <Skeleton className="h-72 w-full" /> : null}
      {data && !total ? <p className="text-muted text-sm">Neither period has any usage.</p> : null}
      {data && total ? (
        <div aria-busy={isPlaceholderData} className={cn("grid gap-6 transition-opacity", isPlaceholderData && "opacity-50")}>
          <Explained total={total} />
          <ExplainTable rows={data.slice(1)} dimension={dimension} totalRows={total.totalRows} />
        </div>
      ) : null}
    </Section>
  );
}

function Explained({ total }: { total: ExplainedChange }) {
  const picture = layWaterfall(
    total.costBefore,
    CHANGE_PARTS.map((part) => ({ key: part, amount: total[part] })),
    total.costAfter,
  );
  const whole = (key: string, label: string, amount: string) => ({
    key,
    label,
    text: formatMoney(amount),
    exact: formatMoneyExact(amount),
  });
  return (
    <div className="grid gap-3">
      <p data-explained className="max-w-prose text-base">
        {changeSentence(total)}
      </p>
      <WaterfallChart
        label="Parts of the change"
        picture={picture}
        rows={[
          whole("before", "Before", total.costBefore),
          ...CHANGE_PARTS.map((part) => ({
            key: part,
            label: CHANGE_PART_WORDS[part].label,
            hint: CHANGE_PART_WORDS[part].meaning,
            text: formatSigned(total[part]),
            exact: formatMoneyExact(total[part]),
          })),
          whole("after", "Now", total.costAfter),
        ]}
      />
    </div>
  );
}
