"use client";
import { Button } from "./button.tsx";

type LoadMoreProps = { shown: number; noun: string; hasMore: boolean; pending?: boolean; onLoadMore: () => void };

/** The end of a keyset-paged list: how many are shown, and more on demand. */
export function LoadMore({ shown, noun, hasMore, pending, onLoadMore }: LoadMoreProps) {
  return (
    <div className="flex flex-wrap items-center justify-between gap-3 py-3 text-muted text-sm">
      <p aria-live="polite" className="figures">
        {hasMore ? `First ${shown.toLocaleString("en")} ${noun} shown` : `That is all: ${shown.toLocaleString("en")} shown`}
      </p>
      {hasMore ? (
        <Button onClick={onLoadMore} pending={pending}>
          Load more
        </Button>
      ) : null}
    </div>
  );
}
