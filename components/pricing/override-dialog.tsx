"use client";
import { useQueryClient } from "@tanstack/react-query";
import { useRef, useState, useTransition } from "react";
import { Banner } from "@/components/ui/banner.tsx";
import { Button } from "@/components/ui/button.tsx";
import { Dialog, DialogClose, DialogContent, DialogFooter } from "@/components/ui/dialog.tsx";
import { Field } from "@/components/ui/field.tsx";
import { Input } from "@/components/ui/input.tsx";
import { SegmentedControl } from "@/components/ui/segmented-control.tsx";
import { toast } from "@/components/ui/toast.tsx";
import { useForm } from "@/components/ui/use-form.ts";
import type { Result } from "@/lib/core/result.ts";
import { useOrganization } from "@/lib/orgs/hooks.ts";
import { previewOverride, saveOverride } from "@/lib/pricing/actions.ts";
import type { Repriced } from "@/lib/pricing/repriced.ts";
import { isPerMillion } from "@/lib/pricing/rules.ts";
import { OverridePreview } from "./override-preview.tsx";

export type OverrideDraft = {
  kind: "rate" | "discount";
  provider?: string | undefined;
  model?: string | undefined;
  unit?: string | undefined;
  service_tier?: string | undefined;
};

/** Notes a negotiated rate or a discount; what it would have changed can be seen before it is saved. */
export function OverrideDialog({ initial, onClose }: { initial: OverrideDraft; onClose: () => void }) {
  return (
    <Dialog open onOpenChange={(open) => !open && onClose()}>
      <DialogContent
        title={initial.kind === "rate" && initial.model ? `Price of ${initial.model}` : "New agreement"}
        description="What you pay instead of the list price. Calls that have no price get this one, also those of the past."
      >
        <OverrideForm initial={initial} onClose={onClose} />
      </DialogContent>
    </Dialog>
  );
}

function OverrideForm({ initial, onClose }: { initial: OverrideDraft; onClose: () => void }) {
  const { organization } = useOrganization();
  const queryClient = useQueryClient();
  const form = useRef<HTMLFormElement>(null);
  const [kind, setKind] = useState<string>(initial.kind);
  const [unit, setUnit] = useState(initial.unit ?? "");
  const [preview, setPreview] = useState<Result<Repriced[]>>();
  const [isPreviewing, startPreview] = useTransition();
  const { formProps, pending, fields, problem } = useForm(saveOverride, () => {
    void queryClient.invalidateQueries({ queryKey: ["prices"] });
    toast({ title: "Agreement saved", description: "New calls are priced by it at once." });
    onClose();
  });
  const wrong = preview && !preview.ok ? preview.error : null;
  const complaints = { ...wrong?.fields, ...fields };
  const million = isPerMillion(unit);

  return (
    <form {...formProps} ref={form} className="grid gap-4">
      {problem ? <Banner tone="critical">{problem}</Banner> : null}
      {wrong && Object.keys(wrong.fields).length === 0 ? <Banner tone="critical">{wrong.message}</Banner> : null}
      <input type="hidden" name="organization_id" value={organization.id} />
      <input type="hidden" name="kind" value={kind} />
      <input type="hidden" name="per" value={million ? "million" : "one"} />
      <SegmentedControl
        aria-label="Kind of agreement"
        className="justify-self-start"
        value={kind}
        onValueChange={setKind}
        options={[
          { value: "rate", label: "Rate" },
          { value: "discount", label: "Percentage off" },
        ]}
      />
      <div className="grid gap-4 sm:grid-cols-2">
        <Field label="Provider" error={complaints.provider ?? complaints.p_provider} optional={kind === "discount"}>
          <Input name="provider" defaultValue={initial.provider} placeholder="openai" autoComplete="off" />
        </Field>
        <Field label="Model" error={complaints.model} optional={kind === "discount"}>
          <Input name="model" defaultValue={initial.model} placeholder="gpt-4o" autoComplete="off" />
        </Field>
        <Field label="Unit" error={complaints.unit} optional={kind === "discount"}>
          <Input
            name="unit"
            value={unit}
            onChange={(event) => setUnit(event.target.value)}
            list="price-units"
            placeholder={kind === "rate" ? "input_tokens" : "all units"}
            autoComplete="off"
          />
        </Field>
        <Field
          label={kind === "discount" ? "Percent off" : million ? "US dollars per million" : "US dollars each"}
          error={complaints.amount ?? complaints.rate ?? complaints.discount_percent}
        >
          <Input name="amount" inputMode="decimal" placeholder={kind === "discount" ? "12.5" : "2.50"} autoComplete="off" />
        </Field>
        <Field label="First day" optional error={complaints.first_day ?? complaints.valid_from}>
          <Input name="first_day" type="date" />
        </Field>
        <Field label="Last day" optional error={complaints.last_day ?? complaints.valid_to}>
          <Input name="last_day" type="date" />
        </Field>
        <Field label="Only in service tier" optional error={complaints.service_tier}>
          <Input name="service_tier" defaultValue={initial.service_tier} placeholder="any tier" autoComplete="off" />
        </Field>
        <Field label="Note" optional error={complaints.note}>
          <Input name="note" placeholder="Contract 2026-11" maxLength={1000} />
        </Field>
      </div>
      <datalist id="price-units">
        {["input_tokens", "cached_input_tokens", "cache_write_5m_tokens", "cache_write_1h_tokens", "output_tokens", "web_search_calls"].map(
          (value) => (
            <option key={value} value={value} />
          ),
        )}
      </datalist>
      {preview?.ok ? <OverridePreview rows={preview.data} /> : null}
      <DialogFooter>
        <DialogClose asChild>
          <Button>Cancel</Button>
        </DialogClose>
        <Button
          pending={isPreviewing}
          onClick={() => {
            const current = form.current;
            if (current) startPreview(async () => setPreview(await previewOverride(new FormData(current))));
          }}
        >
          Preview on 30 days
        </Button>
        <Button type="submit" variant="primary" pending={pending}>
          Save agreement
        </Button>
      </DialogFooter>
    </form>
  );
}
