"use client";
import Link from "next/link";
import { useRouter } from "next/navigation";
import { useState } from "react";
import { ChangeText } from "@/components/charts/change-text.tsx";
import { ChartFrame } from "@/components/charts/chart-frame.tsx";
import { ChartLegend } from "@/components/charts/chart-legend.tsx";
import { Section } from "@/components/ui/section.tsx";
import { formatMoney, formatMoneyExact } from "@/lib/core/money.ts";
import { bucketEnd } from "@/lib/core/time-buckets.ts";
import { choiceFor, describeRange, type RangeChoice, type TimeRange } from "@/lib/core/time-range.ts";
import { DIMENSION_LABELS, type Dimension, OVERVIEW_DIMENSIONS } from "@/lib/usage/dimensions.ts";
import { usageHref } from "@/lib/usage/links.ts";
import { formatAxis, measureChange } from "@/lib/usage/measures.ts";
import { OVERVIEW_ROWS } from "@/lib/usage/picture.ts";
import { ChartSkeleton } from "./chart-skeleton.tsx";
import { DimensionSwitch } from "./dimension-switch.tsx";
import { NotExactMark } from "./not-exact-mark.tsx";
import { NothingInRange } from "./nothing-in-range.tsx";
import { QueryError } from "./query-error.tsx";
import { type Picture, usePicture } from "./use-picture.ts";

type CostOverTimeProps = {
  organizationId: string;
  slug: string;
  choice: RangeChoice;
  range: TimeRange;
  dimension: Dimension;
  now: string;
  onDimension: (dimension: Dimension) => void;
  onRange: (choice: RangeChoice) => void;
};

/** What the range cost, over time and by one dimension. */
export function CostOverTime({ organizationId, slug, choice, range, dimension, now, onDimension, onRange }: CostOverTimeProps) {
  const args = {
    organizationId,
    range,
    dimension,
    filters: {},
    order: "cost",
    rows: OVERVIEW_ROWS,
    measure: "cost" as const,
    measures: "cost" as const,
    now,
  };
  const { picture, isPending, error, retry } = usePicture(args);
  const isEmpty = picture !== null && picture.summary.requests === 0 && !isPending;
  return (
    <Section
      title="Cost over time"
      description={describeRange(picture?.range ?? range)}
      actions={<DimensionSwitch dimensions={OVERVIEW_DIMENSIONS} value={dimension} onChange={onDimension} />}
    >
      {error ? <QueryError error={error} what="Cost over time" onRetry={retry} /> : null}
      {!picture && !error ? <ChartSkeleton /> : null}
      {isEmpty ? <NothingInRange organizationId={organizationId} slug={slug} timeZone={range.timeZone} onRange={onRange} /> : null}
      {picture && !isEmpty ? <CostPicture picture={picture} isPending={isPending} slug={slug} choice={choice} onRange={onRange} /> : null}
    </Section>
  );
}

type CostPictureProps = { picture: Picture; isPending: boolean; slug: string; choice: RangeChoice; onRange: (choice: RangeChoice) => void };

function CostPicture({ picture, isPending, slug, choice, onRange }: CostPictureProps) {
  const [isolated, setIsolated] = useState<string | null>(null);
  const router = useRouter();
  const { chart, range, dimension, summary, earlierSummary, rows, totalRows } = picture;
  const words = DIMENSION_LABELS[dimension];
  return (
    <>
      <ChartFrame
        data={chart}
        kind={chart.buckets.length > 100 ? "area" : "bars"}
        label={`Cost per ${range.grain} by ${words.one.toLowerCase()}, ${describeRange(range)}`}
        totalLabel="Total"
        fileName={`cost-by-${dimension}`}
        formatAxis={formatAxis("cost")}
        isolated={isolated}
        isPending={isPending}
        onZoom={({ from, to }) => {
          const first = chart.buckets[from];
          const last = chart.buckets[to];
          if (!first || !last) return;
          onRange(choiceFor(first.start, bucketEnd(last.start, range.grain, range.timeZone), range.timeZone, choice.compare));
        }}
      >
        <p className="flex flex-wrap items-baseline gap-x-3 gap-y-1">
          <span className="figures font-semibold text-xl tracking-tight" title={formatMoneyExact(summary.cost)}>
            {formatMoney(summary.cost)}
          </span>
          {earlierSummary ? (
            <span className="text-muted text-xs">
              <ChangeText change={measureChange(summary, earlierSummary, "cost")} withWord className="text-ink" /> vs the period before
            </span>
          ) : null}
          <NotExactMark
            summary={summary}
            href={usageHref(slug, "requests", choice, { cost_status: [summary.unpriced_requests > 0 ? "unpriced" : "estimated"] })}
          />
        </p>
      </ChartFrame>
      <ChartLegend
        rows={rows}
        label={`Cost by ${words.one.toLowerCase()}`}
        nameHeading={words.one}
        valueHeading="Cost"
        hasChange={range.compare !== null}
        onIsolate={setIsolated}
        onPick={(key) => router.push(usageHref(slug, "explore", choice, { [dimension]: [key] }, { by: dimension }))}
        pickHint="open in Explore"
      />
      {totalRows > rows.length ? (
        <p className="pt-2 text-muted text-sm">
          <Link className="link" href={usageHref(slug, "explore", choice, {}, { by: dimension })}>
            {totalRows - rows.length} more {words.many.toLowerCase()}
          </Link>{" "}
          in Explore
        </p>
      ) : null}
    </>
  );
}
