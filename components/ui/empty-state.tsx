import type { ReactNode } from "react";
import { cn } from "./cn.ts";

type EmptyStateProps = { icon?: ReactNode; title: string; children?: ReactNode; actions?: ReactNode; className?: string };

/** Nothing here yet: says why and what the next step is. */
export function EmptyState({ icon, title, children, actions, className }: EmptyStateProps) {
  return (
    <div className={cn("grid justify-items-center gap-2 rounded-lg border border-border border-dashed px-4 py-10 text-center", className)}>
      {icon ? (
        <span aria-hidden className="text-faint [&_svg]:size-6">
          {icon}
        </span>
      ) : null}
      <p className="font-medium text-sm">{title}</p>
      {children ? <div className="max-w-md text-muted text-sm">{children}</div> : null}
      {actions ? <div className="mt-2 flex flex-wrap justify-center gap-2">{actions}</div> : null}
    </div>
  );
}
