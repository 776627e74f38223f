"use client";
import { PageHeader, Section } from "@/components/ui/section.tsx";
import { useOrganization } from "@/lib/orgs/hooks.ts";
import { type Dimension, OVERVIEW_DIMENSIONS } from "@/lib/usage/dimensions.ts";
import { useTimeRange, useUrlState } from "@/lib/usage/hooks.ts";
import { lastWeek, overviewDimension } from "@/lib/usage/picture.ts";
import { CostOverTime } from "./cost-over-time.tsx";
import { OverviewFigures } from "./overview-figures.tsx";
import { RequestTicker } from "./request-ticker.tsx";
import { TopMovers } from "./top-movers.tsx";
import { UnpricedBanner } from "./unpriced-banner.tsx";

/** The first page. It arrives with its numbers and stays live; `now` is the server's clock at that moment. */
export function OverviewPage({ now }: { now: string }) {
  const { organization } = useOrganization();
  const { params, update } = useUrlState();
  const { choice, range, setChoice } = useTimeRange(now, organization.time_zone);
  const dimension = overviewDimension(params);
  const setDimension = (next: Dimension) =>
    update((old) => {
      if (next === OVERVIEW_DIMENSIONS[0]) old.delete("by");
      else old.set("by", next);
      return old;
    });
  const place = { organizationId: organization.id, slug: organization.slug };
  return (
    <>
      <PageHeader title="Overview" description="What your organization spends on models, live." />
      <UnpricedBanner {...place} timeZone={organization.time_zone} now={now} />
      <Section className="border-t-0 pt-0">
        <OverviewFigures {...place} timeZone={organization.time_zone} now={now} />
      </Section>
      <CostOverTime
        {...place}
        choice={choice}
        range={range}
        dimension={dimension}
        now={now}
        onDimension={setDimension}
        onRange={setChoice}
      />
      <div className="grid grid-cols-1 gap-x-12 border-border border-t xl:grid-cols-2 [&>section]:border-t-0 [&>section]:pt-6! max-xl:[&>section+section]:border-t">
        <TopMovers {...place} choice={choice} range={range} dimension={dimension} />
        <RequestTicker {...place} timeZone={organization.time_zone} week={lastWeek(organization.time_zone, now)} now={now} />
      </div>
    </>
  );
}
