import { ArrowDown, ArrowUp } from "lucide-react";
import type { ComponentProps, ReactNode } from "react";
import { cn } from "./cn.ts";

/** A table that scrolls sideways inside itself, reachable by keyboard. `label` names it for screen readers. */
export function Table({
  label,
  className,
  containerClassName,
  ...props
}: ComponentProps<"table"> & { label: string; containerClassName?: string }) {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a scrolling region must take focus so that the keyboard can scroll it
    <section className={cn("relative w-full overflow-x-auto", containerClassName)} aria-label={label} tabIndex={0}>
      <table className={cn("w-full border-collapse text-sm", className)} {...props} />
    </section>
  );
}

export function TableHead({ className, ...props }: ComponentProps<"thead">) {
  return <thead className={cn("sticky top-0 z-10 bg-background shadow-[inset_0_-1px_var(--border)]", className)} {...props} />;
}

export function TableBody(props: ComponentProps<"tbody">) {
  return <tbody {...props} />;
}

/** `interactive` rows show that they open something; put a real link or button in the first cell. */
export function TableRow({ className, interactive, ...props }: ComponentProps<"tr"> & { interactive?: boolean }) {
  return (
    <tr
      className={cn(
        "border-border border-b last:border-b-0",
        interactive && "cursor-pointer hover:bg-surface",
        "aria-selected:bg-selected",
        className,
      )}
      {...props}
    />
  );
}

export function TableCell({ className, numeric, ...props }: ComponentProps<"td"> & { numeric?: boolean }) {
  return (
    <td className={cn("h-10 px-3 py-1.5 first:ps-0 last:pe-0", numeric && "figures whitespace-nowrap text-end", className)} {...props} />
  );
}

type HeaderCellProps = Omit<ComponentProps<"th">, "onClick"> & {
  numeric?: boolean;
  /** Present = sortable; "asc" or "desc" when it is the sorted column. */
  sort?: "asc" | "desc" | "none";
  onSort?: () => void;
  children?: ReactNode;
};

export function TableHeaderCell({ className, numeric, sort, onSort, children, ...props }: HeaderCellProps) {
  const Arrow = sort === "asc" ? ArrowUp : ArrowDown;
  return (
    <th
      scope="col"
      aria-sort={sort === "asc" ? "ascending" : sort === "desc" ? "descending" : undefined}
      className={cn(
        "h-9 whitespace-nowrap px-3 text-start font-medium text-muted text-xs first:ps-0 last:pe-0",
        numeric && "text-end",
        className,
      )}
      {...props}
    >
      {onSort ? (
        <button
          type="button"
          onClick={onSort}
          className={cn("group inline-flex items-center gap-1 hover:text-ink", numeric && "flex-row-reverse")}
        >
          {children}
          <Arrow
            aria-hidden
            className={cn("size-3", sort === "none" && "opacity-0 group-hover:opacity-60 group-focus-visible:opacity-60")}
          />
        </button>
      ) : (
        children
      )}
    </th>
  );
}
