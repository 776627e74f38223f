"use client";
import { useQueryClient } from "@tanstack/react-query";
import { Banner } from "@/components/ui/banner.tsx";
import { Button } from "@/components/ui/button.tsx";
import { Dialog, DialogClose, DialogContent, DialogFooter } from "@/components/ui/dialog.tsx";
import { Field } from "@/components/ui/field.tsx";
import { Input } from "@/components/ui/input.tsx";
import { Select } from "@/components/ui/select.tsx";
import { toast } from "@/components/ui/toast.tsx";
import { useForm } from "@/components/ui/use-form.ts";
import { useOrganization } from "@/lib/orgs/hooks.ts";
import { saveCommitment } from "@/lib/pricing/actions.ts";

/** Notes a promise to spend. */
export function CommitmentDialog({ onClose }: { onClose: () => void }) {
  return (
    <Dialog open onOpenChange={(open) => !open && onClose()}>
      <DialogContent title="New commitment" description="Spend promised to a provider. It changes no price; it is measured.">
        <CommitmentForm onClose={onClose} />
      </DialogContent>
    </Dialog>
  );
}

function CommitmentForm({ onClose }: { onClose: () => void }) {
  const { organization } = useOrganization();
  const queryClient = useQueryClient();
  const { formProps, pending, fields, problem } = useForm(saveCommitment, () => {
    void queryClient.invalidateQueries({ queryKey: ["prices", "commitments"] });
    toast({ title: "Commitment saved" });
    onClose();
  });
  return (
    <form {...formProps} className="grid gap-4">
      {problem ? <Banner tone="critical">{problem}</Banner> : null}
      <input type="hidden" name="organization_id" value={organization.id} />
      <div className="grid gap-4 sm:grid-cols-2">
        <Field label="Provider" optional error={fields.provider}>
          <Input name="provider" placeholder="every provider" autoComplete="off" />
        </Field>
        <Field label="US dollars" error={fields.amount}>
          <Input name="amount" inputMode="decimal" placeholder="10000" autoComplete="off" />
        </Field>
        <Field label="Per" error={fields.period}>
          <Select
            name="period"
            defaultValue="month"
            options={[
              { value: "month", label: "Month" },
              { value: "term", label: "Whole term" },
            ]}
          />
        </Field>
        <Field label="Note" optional error={fields.note}>
          <Input name="note" maxLength={1000} />
        </Field>
        <Field label="First day" error={fields.first_day ?? fields.valid_from}>
          <Input name="first_day" type="date" />
        </Field>
        <Field label="Last day" optional error={fields.last_day ?? fields.valid_to}>
          <Input name="last_day" type="date" />
        </Field>
      </div>
      <DialogFooter>
        <DialogClose asChild>
          <Button>Cancel</Button>
        </DialogClose>
        <Button type="submit" variant="primary" pending={pending}>
          Save commitment
        </Button>
      </DialogFooter>
    </form>
  );
}
