import { ArrowRight } from "lucide-react";
import type { AuditEntry } from "@/lib/audit-log/queries.ts";
import { valueWords } from "@/lib/audit-log/rules.ts";

/** What an entry changed, field by field: old, arrow, new. */
export function ChangeList({ changes }: Pick<AuditEntry, "changes">) {
  const fields = Object.entries(changes);
  if (fields.length === 0) return <p className="text-muted">No field to show.</p>;
  return (
    <dl className="grid gap-x-4 gap-y-2 sm:grid-cols-[10rem_minmax(0,1fr)]">
      {fields.map(([field, change]) => (
        <div key={field} className="contents">
          <dt className="text-muted">{field.replaceAll("_", " ")}</dt>
          <dd className="flex flex-wrap items-center gap-x-2 gap-y-1 break-all font-mono text-xs">
            <del className="text-muted" dir="auto">
              <span className="sr-only">was </span>
              {valueWords(change.old)}
            </del>
            <ArrowRight aria-hidden className="size-3 shrink-0 text-faint rtl:-scale-x-100" />
            <ins className="no-underline" dir="auto">
              <span className="sr-only">now </span>
              {valueWords(change.new)}
            </ins>
          </dd>
        </div>
      ))}
    </dl>
  );
}
