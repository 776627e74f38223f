import { PageHeader, Section } from "@/components/ui/section.tsx";
import { ChartSkeleton } from "@/components/usage/chart-skeleton.tsx";
import { FiguresSkeleton } from "@/components/usage/overview-figures.tsx";

export default function Loading() {
  return (
    <>
      <PageHeader title="Overview" description="What your organization spends on models, live." />
      <Section className="border-t-0 pt-0">
        <FiguresSkeleton />
      </Section>
      <Section title="Cost over time">
        <ChartSkeleton />
      </Section>
    </>
  );
}
