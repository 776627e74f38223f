"use client";
import { Field } from "@/components/ui/field.tsx";
import { Input } from "@/components/ui/input.tsx";
import { Section } from "@/components/ui/section.tsx";
import { useUrlState } from "@/components/ui/use-url-state.ts";
import { QueryError } from "@/components/usage/query-error.tsx";
import { formatMoneyExact } from "@/lib/core/money.ts";
import { formatCount } from "@/lib/core/numbers.ts";
import { formatDate } from "@/lib/core/time.ts";
import { useOrganization } from "@/lib/orgs/hooks.ts";
import { dayAfter, dayStart } from "@/lib/pricing/days.ts";
import { asKnownQuery } from "@/lib/pricing/history.ts";
import { usePrices } from "@/lib/pricing/hooks.ts";

const DAY = /^\d{4}-\d{2}-\d{2}$/;

/** The total that was shown on a day, to the last digit. Days and the day of knowing are in the address. */
export function AsKnown() {
  const { organization } = useOrganization();
  const url = useUrlState();
  const [first, last, known] = ["k_from", "k_to", "known"].map((name) => url.get(name)) as [string, string, string];
  const isAsked = [first, last, known].every((day) => DAY.test(day)) && first <= last;
  const { data, error, refetch } = usePrices(
    asKnownQuery(
      organization.id,
      isAsked ? dayStart(first, organization.time_zone) : "",
      isAsked ? dayAfter(last, organization.time_zone) : "",
      isAsked ? dayAfter(known, organization.time_zone) : "",
    ),
    { enabled: isAsked },
  );
  const row = isAsked ? data?.[0] : undefined;
  const day = (name: string, label: string, value: string) => (
    <Field label={label}>
      <Input type="date" value={value} onChange={(event) => url.set({ [name]: event.target.value })} />
    </Field>
  );
  return (
    <Section title="As known on a day" description="What was shown at the end of that day: without later arrivals, at the prices of then.">
      <div className="grid max-w-xl gap-4 sm:grid-cols-3">
        {day("k_from", "Requests from", first)}
        {day("k_to", "to", last)}
        {day("known", "As known on", known)}
      </div>
      {error ? <QueryError error={error} what="That day's total" onRetry={() => refetch()} /> : null}
      {isAsked && data && !row ? <p className="mt-4 text-muted text-sm">Nothing lies in these days.</p> : null}
      {row ? (
        <p className="mt-4 text-sm" aria-live="polite">
          On {formatDate(dayStart(known, organization.time_zone), organization.time_zone)} these days came to{" "}
          <strong className="figures">{formatMoneyExact(row.cost)}</strong> for {formatCount(row.requests)} requests
          {row.unpriced_requests > 0 ? `, ${formatCount(row.unpriced_requests)} of them unpriced` : ""}. Today they come to{" "}
          <span className="figures">{formatMoneyExact(row.cost_now)}</span>.
        </p>
      ) : null}
    </Section>
  );
}
