"use client";
import { Download, FlaskConical } from "lucide-react";
import { Button } from "@/components/ui/button.tsx";
import { cn } from "@/components/ui/cn.ts";
import { saveCsv } from "@/components/ui/download.ts";
import { PageHeader } from "@/components/ui/section.tsx";
import { TableSkeleton } from "@/components/ui/skeleton.tsx";
import { FilterBar } from "@/components/usage/filter-bar.tsx";
import { NothingInRange } from "@/components/usage/nothing-in-range.tsx";
import { QueryError } from "@/components/usage/query-error.tsx";
import { describeRange } from "@/lib/core/time-range.ts";
import { useOrganization } from "@/lib/orgs/hooks.ts";
import { usePrices } from "@/lib/pricing/hooks.ts";
import { whatIfQuery } from "@/lib/pricing/queries.ts";
import { isChanged, readScenario } from "@/lib/pricing/scenario.ts";
import { countFilters } from "@/lib/usage/filters.ts";
import { useFilters, useTimeRange, useUrlState } from "@/lib/usage/hooks.ts";
import { repricedCsv } from "./repriced-csv.ts";
import { ScenarioForm } from "./scenario-form.tsx";
import { WhatIfAnswer } from "./what-if-answer.tsx";

/** What real requests would have cost another way. Slice and scenario are in the address. */
export function WhatIfPage({ now }: { now: string }) {
  const { organization } = useOrganization();
  const { range, setChoice } = useTimeRange(now, organization.time_zone);
  const { filters, setFilters } = useFilters();
  const { params, update } = useUrlState();
  const scenario = readScenario(params);
  const { data, error, refetch, isPlaceholderData } = usePrices(
    whatIfQuery({ organizationId: organization.id, from: range.from, to: range.to, filters, scenario }),
  );
  const whole = data?.find(({ dimension }) => dimension === "none");
  const isEmpty = data !== undefined && (whole?.requests ?? 0) === 0;
  return (
    <>
      <PageHeader
        title="What-if"
        description="Real requests, priced another way: as another model, in batches, with more read from the cache."
        actions={
          <Button disabled={!data || isEmpty} onClick={() => data && saveCsv("what-if.csv", repricedCsv(data))}>
            <Download aria-hidden />
            CSV
          </Button>
        }
      >
        <FilterBar organizationId={organization.id} range={range} filters={filters} onFilters={setFilters} />
      </PageHeader>
      <ScenarioForm params={params} update={update} />
      {error ? <QueryError error={error} what="The comparison" onRetry={() => refetch()} /> : null}
      {!data && !error ? <TableSkeleton rows={6} columns={["w-40", "w-20", "w-24", "w-24", "w-24"]} /> : null}
      {isEmpty && countFilters(filters) > 0 ? (
        <div className="grid justify-items-center gap-3 rounded-lg border border-border border-dashed px-4 py-10 text-center">
          <p className="font-medium">No request fits all filters</p>
          <Button onClick={() => setFilters({})}>Clear filters</Button>
        </div>
      ) : null}
      {isEmpty && countFilters(filters) === 0 ? (
        <NothingInRange organizationId={organization.id} slug={organization.slug} timeZone={range.timeZone} onRange={setChoice} />
      ) : null}
      {data && whole && !isEmpty ? (
        <div className={cn("transition-opacity", isPlaceholderData && "opacity-50")} aria-busy={isPlaceholderData}>
          {isChanged(scenario) ? null : (
            <p className="mb-4 flex items-center gap-2 text-muted text-sm">
              <FlaskConical aria-hidden className="size-4 shrink-0" />
              Nothing is changed yet: this is what the requests cost, beside what today's price book says they do.
            </p>
          )}
          <WhatIfAnswer rows={data} whole={whole} when={describeRange(range)} />
        </div>
      ) : null}
    </>
  );
}
