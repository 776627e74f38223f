import { PageHeader } from "@/components/ui/section.tsx";
import { TableSkeleton } from "@/components/ui/skeleton.tsx";

export default function Loading() {
  return (
    <>
      <PageHeader title="Requests" description="Every call with what it used, how long it took and what it cost." />
      <TableSkeleton rows={12} columns={["w-28", "w-40", "w-24", "w-20", "w-16", "w-16"]} />
    </>
  );
}
