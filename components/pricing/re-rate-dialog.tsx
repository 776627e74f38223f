"use client";
import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { Banner } from "@/components/ui/banner.tsx";
import { Button } from "@/components/ui/button.tsx";
import { Dialog, DialogClose, DialogContent, DialogFooter } from "@/components/ui/dialog.tsx";
import { Field } from "@/components/ui/field.tsx";
import { Input } from "@/components/ui/input.tsx";
import { toast } from "@/components/ui/toast.tsx";
import { useForm } from "@/components/ui/use-form.ts";
import { formatMoney, formatMoneyExact } from "@/lib/core/money.ts";
import { formatCount } from "@/lib/core/numbers.ts";
import { useOrganization } from "@/lib/orgs/hooks.ts";
import { startReRating } from "@/lib/pricing/actions.ts";
import { dayAfter, dayStart } from "@/lib/pricing/days.ts";
import { usePrices } from "@/lib/pricing/hooks.ts";
import { whatIfQuery } from "@/lib/pricing/queries.ts";
import { readScenario } from "@/lib/pricing/scenario.ts";
import { percentWords, signed } from "./repriced-table.tsx";

/** Which days, why, and what it would change; the preview is the same arithmetic as the job. */
export function ReRateDialog({ onClose }: { onClose: () => void }) {
  return (
    <Dialog open onOpenChange={(open) => !open && onClose()}>
      <DialogContent title="Rate history again" description="Prices past requests by today's price list and agreements.">
        <ReRateForm onClose={onClose} />
      </DialogContent>
    </Dialog>
  );
}

const DAY = /^\d{4}-\d{2}-\d{2}$/;

function ReRateForm({ onClose }: { onClose: () => void }) {
  const { organization } = useOrganization();
  const queryClient = useQueryClient();
  const [days, setDays] = useState({ first: "", last: "" });
  const { formProps, pending, fields, problem } = useForm(startReRating, () => {
    void queryClient.invalidateQueries({ queryKey: ["prices", "re-ratings"] });
    toast({ title: "Rating history again", description: "Progress is shown here; calls come in meanwhile." });
    onClose();
  });
  const isWindow = DAY.test(days.first) && DAY.test(days.last) && days.first <= days.last;
  return (
    <form {...formProps} className="grid gap-4">
      {problem ? <Banner tone="critical">{problem}</Banner> : null}
      <input type="hidden" name="organization_id" value={organization.id} />
      <div className="grid gap-4 sm:grid-cols-2">
        <Field label="First day" error={fields.first_day}>
          <Input name="first_day" type="date" onChange={(event) => setDays({ ...days, first: event.target.value })} />
        </Field>
        <Field label="Last day" error={fields.last_day}>
          <Input name="last_day" type="date" onChange={(event) => setDays({ ...days, last: event.target.value })} />
        </Field>
      </div>
      <Field label="Why" hint="Kept with the totals before and after." error={fields.reason}>
        <Input name="reason" maxLength={500} placeholder="The vendor cut its price on 1 November" />
      </Field>
      {isWindow ? (
        <Preview from={dayStart(days.first, organization.time_zone)} to={dayAfter(days.last, organization.time_zone)} />
      ) : (
        <p className="text-muted text-sm">Choose the days to see what would change.</p>
      )}
      <DialogFooter>
        <DialogClose asChild>
          <Button>Cancel</Button>
        </DialogClose>
        <Button type="submit" variant="primary" pending={pending}>
          Rate again
        </Button>
      </DialogFooter>
    </form>
  );
}

function Preview({ from, to }: { from: string; to: string }) {
  const { organization } = useOrganization();
  const scenario = readScenario(new URLSearchParams());
  const { data, error, isPlaceholderData } = usePrices(whatIfQuery({ organizationId: organization.id, from, to, filters: {}, scenario }));
  const whole = isPlaceholderData ? undefined : data?.find(({ dimension }) => dimension === "none");
  if (error) return <Banner tone="critical">{error.message}</Banner>;
  if (!data || isPlaceholderData) return <p className="text-muted text-sm">Working out what would change…</p>;
  if (!whole || whole.requests === 0) return <p className="text-muted text-sm">These days hold no requests.</p>;
  return (
    <p className="rounded-md border border-border p-3 text-sm" aria-live="polite">
      {formatCount(whole.changed_requests)} of {formatCount(whole.requests)} requests would change. Those with a price on both sides cost{" "}
      <span title={formatMoneyExact(whole.cost)}>{formatMoney(whole.cost)}</span> and would cost{" "}
      <strong title={formatMoneyExact(whole.cost_then)}>{formatMoney(whole.cost_then)}</strong>:{" "}
      <strong title={formatMoneyExact(whole.difference)}>{signed(whole.difference)}</strong>{" "}
      <span className="text-muted">{percentWords(whole)}</span>. Closed months stay; their part is posted into the open one.
    </p>
  );
}
