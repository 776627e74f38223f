import { Skeleton, TableSkeleton } from "@/components/ui/skeleton.tsx";

export default function Loading() {
  return (
    <>
      <Skeleton className="mb-2 h-6 w-40" />
      <Skeleton className="mb-8 h-4 w-80 max-w-full" />
      <TableSkeleton />
    </>
  );
}
