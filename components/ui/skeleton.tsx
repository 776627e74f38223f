import { cn } from "./cn.ts";

/** A quiet place-holder of the coming content's size. */
export function Skeleton({ className }: { className?: string }) {
  return <div aria-hidden className={cn("animate-pulse rounded-md bg-hover", className)} />;
}

/** Rows of a table on its way; `columns` are the widths as Tailwind classes. */
export function TableSkeleton({ rows = 8, columns = ["w-40", "w-24", "w-32", "w-16"] }: { rows?: number; columns?: readonly string[] }) {
  return (
    <div role="status" aria-label="Loading">
      {Array.from({ length: rows }, (_, row) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: the rows are all alike and never move
        <div key={row} className="flex h-10 items-center justify-between gap-6 border-border border-b">
          {columns.map((width, column) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: see above
            <Skeleton key={column} className={cn("h-3.5", width)} />
          ))}
        </div>
      ))}
    </div>
  );
}
