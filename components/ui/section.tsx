import type { ReactNode } from "react";
import { cn } from "./cn.ts";

type PageHeaderProps = { title: string; description?: ReactNode; actions?: ReactNode; children?: ReactNode };

/** The top of a page: title, one sentence saying what it answers, the primary action; filters as children. */
export function PageHeader({ title, description, actions, children }: PageHeaderProps) {
  return (
    <header className="mb-6 grid gap-3">
      <div className="flex flex-wrap items-start justify-between gap-3">
        <div className="min-w-0">
          <h1 className="break-words font-semibold text-xl tracking-tight" dir="auto">
            {title}
          </h1>
          {description ? <p className="mt-0.5 max-w-prose text-muted text-sm">{description}</p> : null}
        </div>
        {actions ? <div className="flex flex-wrap items-center gap-2">{actions}</div> : null}
      </div>
      {children}
    </header>
  );
}

type SectionProps = {
  title?: ReactNode;
  description?: ReactNode;
  actions?: ReactNode;
  className?: string;
  id?: string;
  children: ReactNode;
};

/** A part of a page, set apart by space and a hairline: no card. */
export function Section({ title, description, actions, className, id, children }: SectionProps) {
  return (
    <section
      id={id}
      className={cn("border-border border-t py-6 first:border-t-0 first:pt-0 [header+&]:border-t-0 [header+&]:pt-0", className)}
    >
      {title || actions ? (
        <div className="mb-4 flex flex-wrap items-start justify-between gap-x-4 gap-y-2">
          <div className="min-w-0">
            {title ? <h2 className="font-semibold text-sm">{title}</h2> : null}
            {description ? <p className="mt-0.5 max-w-prose text-muted text-sm">{description}</p> : null}
          </div>
          {actions ? <div className="flex flex-wrap items-center gap-2">{actions}</div> : null}
        </div>
      ) : null}
      {children}
    </section>
  );
}
