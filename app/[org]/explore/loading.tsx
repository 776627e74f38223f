import { PageHeader } from "@/components/ui/section.tsx";
import { ChartSkeleton } from "@/components/usage/chart-skeleton.tsx";

export default function Loading() {
  return (
    <>
      <PageHeader title="Explore" description="Any measure by any dimension, down to the requests behind it." />
      <ChartSkeleton />
    </>
  );
}
