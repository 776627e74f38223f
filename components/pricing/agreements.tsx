"use client";
import { useQueryClient } from "@tanstack/react-query";
import { Handshake, Plus, Undo2 } from "lucide-react";
import { useState } from "react";
import { Button } from "@/components/ui/button.tsx";
import { ConfirmDialog } from "@/components/ui/confirm-dialog.tsx";
import { type Column, DataList } from "@/components/ui/data-list.tsx";
import { EmptyState } from "@/components/ui/empty-state.tsx";
import { Section } from "@/components/ui/section.tsx";
import { TableSkeleton } from "@/components/ui/skeleton.tsx";
import { toast } from "@/components/ui/toast.tsx";
import { useUrlState } from "@/components/ui/use-url-state.ts";
import { QueryError } from "@/components/usage/query-error.tsx";
import { useOrganization, usePermission } from "@/lib/orgs/hooks.ts";
import { endOverride } from "@/lib/pricing/actions.ts";
import { usePrices } from "@/lib/pricing/hooks.ts";
import { type Override, overridesQuery } from "@/lib/pricing/queries.ts";
import { rateWords, unitWords } from "@/lib/pricing/rules.ts";
import { Commitments } from "./commitments.tsx";
import { OverrideDialog } from "./override-dialog.tsx";
import { validityWords } from "./validity-words.ts";

/** What was negotiated: rates and discounts, and what was promised to be spent. Owners change them, the audit log says who did. */
export function Agreements() {
  const { organization, permissions } = useOrganization();
  const mayWrite = usePermission("prices.write");
  const url = useUrlState();
  const { data, error, refetch } = usePrices(overridesQuery(organization.id));
  const [ending, setEnding] = useState<Override>();
  const queryClient = useQueryClient();

  async function end({ id }: Override) {
    const result = await endOverride(organization.id, id);
    if (!result.ok) return result.error.message;
    toast({ title: "Agreement taken back" });
    await queryClient.invalidateQueries({ queryKey: ["prices"] });
    return undefined;
  }

  return (
    <>
      <Section
        title="Rates and discounts"
        description="The most specific discount counts, once; an agreed rate is not discounted again."
        actions={
          mayWrite ? (
            <Button variant="primary" onClick={() => url.set({ agree: "1" })}>
              <Plus aria-hidden />
              New agreement
            </Button>
          ) : null
        }
      >
        {error ? <QueryError error={error} what="The agreements" onRetry={() => refetch()} /> : null}
        {!data && !error ? <TableSkeleton rows={3} columns={["w-48", "w-28", "w-20", "w-32"]} /> : null}
        {data ? (
          <DataList
            rows={data}
            rowKey={({ id }) => String(id)}
            label="Agreements"
            noun="agreements"
            prefix="a_"
            columns={columns(organization.time_zone)}
            empty={
              <EmptyState icon={<Handshake />} title="Nothing was agreed yet">
                List prices apply.{" "}
                {mayWrite ? "Note a negotiated rate or a percentage off here." : "An owner can note what was negotiated."}
              </EmptyState>
            }
            actions={
              mayWrite
                ? (row) => (
                    <Button size="sm" variant="ghost" onClick={() => setEnding(row)}>
                      <Undo2 aria-hidden />
                      Take back
                    </Button>
                  )
                : undefined
            }
          />
        ) : null}
      </Section>
      {permissions.includes("usage.read") ? <Commitments /> : null}
      {mayWrite && url.get("agree") === "1" ? (
        <OverrideDialog initial={{ kind: "discount" }} onClose={() => url.set({ agree: null })} />
      ) : null}
      {ending ? (
        <ConfirmDialog
          open
          onOpenChange={() => setEnding(undefined)}
          title="Take this agreement back?"
          consequences={
            <p>
              {what(ending)}: {worth(ending)} no longer counts for any time. New calls are priced without it; what was recorded keeps its
              cost until it is rated again.
            </p>
          }
          confirmLabel="Take back"
          onConfirm={() => end(ending)}
        />
      ) : null}
    </>
  );
}

function what({ provider, model, unit }: Override): string {
  return `${[provider ?? "Every provider", model].filter(Boolean).join(" ")}${unit ? `, ${unitWords(unit).toLowerCase()}` : ""}`;
}

function worth({ rate, discount_percent, unit }: Override): string {
  return discount_percent === null ? rateWords(unit ?? "", rate) : `${discount_percent} % off`;
}

function columns(timeZone: string): Column<Override>[] {
  return [
    {
      id: "what",
      header: "For",
      text: what,
      cell: (row) => (
        <>
          <span className="block max-w-64 truncate font-medium" dir="auto" title={row.model ?? row.provider ?? undefined}>
            {row.model ?? row.provider ?? "Everything"}
          </span>
          <span className="block text-muted text-xs">
            {[
              row.model ? row.provider : null,
              row.unit ? unitWords(row.unit) : "all units",
              row.service_tier ? `${row.service_tier} tier` : null,
            ]
              .filter(Boolean)
              .join(" · ")}
          </span>
        </>
      ),
    },
    { id: "worth", header: "Agreed", numeric: true, text: worth },
    { id: "valid", header: "In force", text: (row) => validityWords(row, timeZone) },
    {
      id: "note",
      header: "Note",
      text: ({ note }) => note,
      cell: ({ note }) => (
        <span className="block max-w-48 truncate text-muted" dir="auto" title={note}>
          {note || "–"}
        </span>
      ),
    },
  ];
}
