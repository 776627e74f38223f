import { Skeleton, TableSkeleton } from "@/components/ui/skeleton.tsx";

/** A chart and its table on their way, in the room they will take. */
export function ChartSkeleton() {
  return (
    <div>
      <Skeleton className="mb-4 h-7 w-48" />
      <Skeleton className="mb-6 h-64 w-full" />
      <TableSkeleton rows={5} columns={["w-48", "w-20", "w-14", "w-24"]} />
    </div>
  );
}
