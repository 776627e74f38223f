import { Skeleton } from "@/components/ui/skeleton.tsx";

export default function Loading() {
  return (
    <div role="status" aria-label="Loading" className="mx-auto grid max-w-3xl gap-6">
      <Skeleton className="h-8 w-64" />
      <Skeleton className="h-72 w-full" />
      <Skeleton className="h-14 w-full" />
    </div>
  );
}
