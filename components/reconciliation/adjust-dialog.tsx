"use client";
import { useQueryClient } from "@tanstack/react-query";
import { useState, useTransition } from "react";
import { Banner } from "@/components/ui/banner.tsx";
import { Button } from "@/components/ui/button.tsx";
import { Dialog, DialogClose, DialogContent, DialogFooter } from "@/components/ui/dialog.tsx";
import { Field } from "@/components/ui/field.tsx";
import { Input } from "@/components/ui/input.tsx";
import { toast } from "@/components/ui/toast.tsx";
import { formatMoneyExact } from "@/lib/core/money.ts";
import { adjustToBill } from "@/lib/reconciliation/actions.ts";
import type { ReconciliationSummary } from "@/lib/reconciliation/queries.ts";
import { classWords, differenceClasses, type ReconciliationScope } from "@/lib/reconciliation/schema.ts";
import { Amount } from "./amount.tsx";

type AdjustDialogProps = { scope: ReconciliationScope; summary: ReconciliationSummary; onClose: () => void };

/** Shows what an adjustment would enter, and enters exactly that: if the sum has changed meanwhile, nothing happens. */
export function AdjustDialog({ scope, summary, onClose }: AdjustDialogProps) {
  const { adjustable } = summary;
  const queryClient = useQueryClient();
  const [reason, setReason] = useState("");
  const [problem, setProblem] = useState<string>();
  const [field, setField] = useState<string>();
  const [pending, startTransition] = useTransition();
  const classes = differenceClasses.filter((name) => (scope.classes === null || scope.classes.includes(name)) && summary[name] !== "0");

  function adjust() {
    startTransition(async () => {
      const result = await adjustToBill(scope, adjustable, reason);
      if (!result.ok) {
        setField(result.error.fields.reason);
        setProblem(result.error.fields.reason ? undefined : result.error.message);
        if (result.error.code === "conflict") await queryClient.invalidateQueries({ queryKey: ["reconciliation"] });
        return;
      }
      await Promise.all(["reconciliation", "usage"].map((key) => queryClient.invalidateQueries({ queryKey: [key] })));
      toast({ title: "Adjusted to the bill", description: `${formatMoneyExact(adjustable)} is in the journal.` });
      onClose();
    });
  }

  return (
    <Dialog open onOpenChange={(open) => !open && onClose()}>
      <DialogContent
        title="Adjust to the bill"
        description="Enters the difference into the journal, day by day and line by line. Totals then show records plus journal. You can take it back."
      >
        <div className="grid gap-4">
          {problem ? <Banner tone="critical">{problem}</Banner> : null}
          {summary.unsettled_lines > 0 ? (
            <Banner tone="warning">
              {summary.unsettled_lines} lines belong to days that the provider has not settled. Their difference may still close by itself.
            </Banner>
          ) : null}
          <dl className="grid grid-cols-[1fr_auto] gap-x-6 gap-y-1.5 text-sm">
            <dt className="text-muted">Days (UTC)</dt>
            <dd className="figures text-end">
              {summary.first_day} to {summary.last_day}
            </dd>
            <dt className="text-muted">Lines with a difference</dt>
            <dd className="figures text-end">{summary.open_lines}</dd>
            {classes.map((name) => (
              <Row key={name} label={classWords[name].label} value={summary[name]} />
            ))}
            <dt className="border-border border-t pt-1.5 font-semibold">Entry</dt>
            <dd className="border-border border-t pt-1.5 text-end font-semibold">
              <Amount value={adjustable} signed />
            </dd>
            <Row label="Shown before" value={summary.shown_before} />
            <Row label="Shown after" value={summary.shown_after} />
          </dl>
          <Field label="Reason" error={field} hint="Kept in the journal for whoever reads the totals later.">
            <Input
              value={reason}
              onChange={(event) => setReason(event.target.value)}
              maxLength={500}
              autoFocus
              placeholder="As billed for November"
            />
          </Field>
          <DialogFooter>
            <DialogClose asChild>
              <Button>Cancel</Button>
            </DialogClose>
            <Button variant="primary" pending={pending} onClick={adjust}>
              Enter {formatMoneyExact(adjustable)}
            </Button>
          </DialogFooter>
        </div>
      </DialogContent>
    </Dialog>
  );
}

function Row({ label, value }: { label: string; value: string }) {
  return (
    <>
      <dt className="text-muted">{label}</dt>
      <dd className="text-end">
        <Amount value={value} signed={label !== "Shown before" && label !== "Shown after"} />
      </dd>
    </>
  );
}
