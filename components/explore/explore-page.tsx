"use client";
import { Download } from "lucide-react";
import { useRouter } from "next/navigation";
import { useState } from "react";
import { ChangeText } from "@/components/charts/change-text.tsx";
import { ChartFrame } from "@/components/charts/chart-frame.tsx";
import { ViewsMenu } from "@/components/saved-views/views-menu.tsx";
import { Button } from "@/components/ui/button.tsx";
import { saveCsv } from "@/components/ui/download.ts";
import { LoadMore } from "@/components/ui/load-more.tsx";
import { PageHeader } from "@/components/ui/section.tsx";
import { ChartSkeleton } from "@/components/usage/chart-skeleton.tsx";
import { FilterBar } from "@/components/usage/filter-bar.tsx";
import { NotExactMark } from "@/components/usage/not-exact-mark.tsx";
import { NothingInRange } from "@/components/usage/nothing-in-range.tsx";
import { QueryError } from "@/components/usage/query-error.tsx";
import { type Picture, usePicture } from "@/components/usage/use-picture.ts";
import { bucketEnd } from "@/lib/core/time-buckets.ts";
import { choiceFor, describeRange, type RangeChoice, writeRangeChoice } from "@/lib/core/time-range.ts";
import { useOrganization } from "@/lib/orgs/hooks.ts";
import { DIMENSION_LABELS } from "@/lib/usage/dimensions.ts";
import { countFilters, type UsageFilters, withFilter, writeFilters } from "@/lib/usage/filters.ts";
import { useFilters, useTimeRange, useUrlState } from "@/lib/usage/hooks.ts";
import { usageHref } from "@/lib/usage/links.ts";
import { formatAxis, isAdditive, MEASURE_INFO, measureChange, measureFilters, readMeasure } from "@/lib/usage/measures.ts";
import { ExplainChange } from "./explain-change.tsx";
import { exploreCsv } from "./explore-csv.ts";
import { ExploreQuestion } from "./explore-question.tsx";
import { EXPLORE_MAX_ROWS, EXPLORE_ROWS, type ExploreState, nextDimension, readExploreState, writeExploreState } from "./explore-state.ts";
import { ExploreTable } from "./explore-table.tsx";
import { NestedTable } from "./nested-table.tsx";
import { NoFit } from "./no-fit.tsx";

/** Any measure by any dimension over any range, down to the requests. Every step is in the URL, so back undoes it. */
export function ExplorePage({ now }: { now: string }) {
  const { organization } = useOrganization();
  const { choice, range, setChoice } = useTimeRange(now, organization.time_zone);
  const { filters, setFilters } = useFilters();
  const { params, update } = useUrlState();
  const state = readExploreState(params);
  const setState = (change: Partial<ExploreState>) => update((old) => writeExploreState(old, change));
  const { picture, isPending, error, retry } = usePicture({
    organizationId: organization.id,
    range,
    dimension: state.dimension,
    measure: state.measure,
    filters: measureFilters(state.measure, filters),
    isAveraged: state.isAveraged && isAdditive(state.measure),
    order: state.order,
    rows: state.rows,
    measures: "all",
    now,
  });
  const isEmpty = picture !== null && picture.summary.requests === 0 && !isPending;
  return (
    <>
      <PageHeader
        title="Explore"
        description="Any measure by any dimension, down to the requests behind it."
        actions={
          <>
            <ViewsMenu />
            <Button
              disabled={!picture || isEmpty}
              onClick={() => picture && saveCsv(`${state.measure}-by-${state.dimension}.csv`, exploreCsv(picture))}
            >
              <Download aria-hidden />
              CSV
            </Button>
          </>
        }
      >
        <ExploreQuestion state={state} onState={setState} />
        <FilterBar organizationId={organization.id} range={range} filters={filters} onFilters={setFilters} />
      </PageHeader>
      {error ? <QueryError error={error} what="This view" onRetry={retry} /> : null}
      {!picture && !error ? <ChartSkeleton /> : null}
      {isEmpty ? (
        countFilters(filters) > 0 ? (
          <NoFit onClear={() => setFilters({})} />
        ) : (
          <NothingInRange organizationId={organization.id} slug={organization.slug} timeZone={range.timeZone} onRange={setChoice} />
        )
      ) : null}
      {picture && !isEmpty ? (
        <ExplorePicture
          picture={picture}
          isPending={isPending}
          choice={choice}
          filters={filters}
          state={state}
          organization={organization}
        />
      ) : null}
    </>
  );
}

type ExplorePictureProps = {
  picture: Picture;
  isPending: boolean;
  choice: RangeChoice;
  filters: UsageFilters;
  state: ExploreState;
  organization: { id: string; slug: string };
};

function ExplorePicture({ picture, isPending, choice, filters, state, organization }: ExplorePictureProps) {
  const [isolated, setIsolated] = useState<string | null>(null);
  const { update } = useUrlState();
  const router = useRouter();
  const { chart, range, dimension, measure, summary, earlierSummary, rows, totalRows } = picture;
  const { label, kind } = MEASURE_INFO[measure];
  const additive = isAdditive(measure);
  const next = nextDimension(dimension, filters);
  const whole = readMeasure(summary, measure);
  const { slug } = organization;
  const canExplain = measure === "cost" && range.compare !== null;
  const explain = (isExplained: boolean) => update((old) => writeExploreState(old, { isExplained }));
  const hrefOf = (key: string) => usageHref(slug, "requests", choice, withFilter(measureFilters(measure, filters), dimension, [key]));

  function drill(key: string) {
    setIsolated(null);
    if (next === null) return router.push(hrefOf(key));
    update((old) => writeExploreState(writeFilters(old, withFilter(filters, dimension, [key])), { dimension: next, rows: EXPLORE_ROWS }));
  }

  return (
    <>
      <ChartFrame
        data={chart}
        kind={!additive ? "lines" : chart.buckets.length > 100 ? "area" : "bars"}
        label={`${label} per ${range.grain} by ${DIMENSION_LABELS[dimension].one.toLowerCase()}, ${describeRange(range)}`}
        totalLabel={additive ? "Total" : "All"}
        fileName={`${measure}-over-time-by-${dimension}`}
        formatAxis={formatAxis(measure)}
        isolated={isolated}
        isPending={isPending}
        onZoom={({ from, to }) => {
          const first = chart.buckets[from];
          const last = chart.buckets[to];
          if (!first || !last) return;
          const zoomed = choiceFor(first.start, bucketEnd(last.start, range.grain, range.timeZone), range.timeZone, choice.compare);
          update((old) => writeRangeChoice(old, zoomed));
        }}
      >
        <p className="flex flex-wrap items-baseline gap-x-3 gap-y-1">
          <span className="figures font-semibold text-xl tracking-tight" title={whole.exact}>
            {whole.text}
          </span>
          {earlierSummary ? (
            <span className="text-muted text-xs">
              <ChangeText change={measureChange(summary, earlierSummary, measure)} withWord className="text-ink" /> vs the period before
            </span>
          ) : null}
          {canExplain ? (
            <Button size="sm" aria-expanded={state.isExplained} onClick={() => explain(!state.isExplained)}>
              Explain this change
            </Button>
          ) : null}
          {kind === "money" || kind === "unit_cost" ? (
            <NotExactMark
              summary={summary}
              href={usageHref(slug, "requests", choice, {
                ...filters,
                cost_status: [summary.unpriced_requests > 0 ? "unpriced" : "estimated"],
              })}
            />
          ) : null}
        </p>
      </ChartFrame>
      {canExplain && state.isExplained ? (
        <ExplainChange
          organizationId={organization.id}
          range={range}
          dimension={dimension}
          filters={filters}
          onClose={() => explain(false)}
        />
      ) : null}
      {state.inner.length > 0 ? (
        <NestedTable
          key={`${dimension}.${state.inner.join(".")}`}
          picture={picture}
          organizationId={organization.id}
          order={state.order}
          filters={filters}
          inner={state.inner}
          requestsHref={(narrowed) => usageHref(slug, "requests", choice, measureFilters(measure, narrowed))}
          exploreHref={(narrowed, by) => usageHref(slug, "explore", choice, narrowed, { by, measure })}
        />
      ) : (
        <ExploreTable
          picture={picture}
          order={state.order}
          onOrder={(order) => update((old) => writeExploreState(old, { order }))}
          onIsolate={setIsolated}
          drillHint={next ? `narrow to it and see its ${DIMENSION_LABELS[next].many.toLowerCase()}` : "see its requests"}
          onDrill={drill}
          requestsHref={hrefOf}
        />
      )}
      <LoadMore
        shown={rows.length}
        noun={DIMENSION_LABELS[dimension].many.toLowerCase()}
        hasMore={totalRows > rows.length && rows.length < EXPLORE_MAX_ROWS}
        pending={isPending}
        onLoadMore={() =>
          update((old) => writeExploreState(old, { rows: Math.min(EXPLORE_MAX_ROWS, state.rows + EXPLORE_ROWS) }), "replace")
        }
      />
    </>
  );
}
