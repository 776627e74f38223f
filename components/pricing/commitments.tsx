"use client";
import { useQueryClient } from "@tanstack/react-query";
import { Plus } from "lucide-react";
import { useState } from "react";
import { Button } from "@/components/ui/button.tsx";
import { ConfirmDialog } from "@/components/ui/confirm-dialog.tsx";
import { Section } from "@/components/ui/section.tsx";
import { Table, TableBody, TableCell, TableHead, TableHeaderCell, TableRow } from "@/components/ui/table.tsx";
import { useUrlState } from "@/components/ui/use-url-state.ts";
import { QueryError } from "@/components/usage/query-error.tsx";
import { formatMoney, formatMoneyExact, shareOf } from "@/lib/core/money.ts";
import { formatPercent } from "@/lib/core/numbers.ts";
import { useOrganization, usePermission } from "@/lib/orgs/hooks.ts";
import { endCommitment } from "@/lib/pricing/actions.ts";
import { usePrices } from "@/lib/pricing/hooks.ts";
import { type Commitment, commitmentsQuery } from "@/lib/pricing/queries.ts";
import { CommitmentDialog } from "./commitment-dialog.tsx";
import { validityWords } from "./validity-words.ts";

/** What was promised to be spent, and how far the current month or term has come. */
export function Commitments() {
  const { organization } = useOrganization();
  const mayWrite = usePermission("prices.write");
  const url = useUrlState();
  const queryClient = useQueryClient();
  const { data, error, refetch } = usePrices(commitmentsQuery(organization.id));
  const [ending, setEnding] = useState<Commitment>();

  async function end({ id }: Commitment) {
    const result = await endCommitment(organization.id, id);
    if (!result.ok) return result.error.message;
    await queryClient.invalidateQueries({ queryKey: ["prices", "commitments"] });
    return undefined;
  }

  return (
    <Section
      title="Commitments"
      description="Spend promised to a provider, per month or over a term."
      actions={mayWrite ? <AddButton onClick={() => url.set({ commit: "1" })} /> : null}
    >
      {error ? <QueryError error={error} what="The commitments" onRetry={() => refetch()} /> : null}
      {data?.length === 0 ? <p className="text-muted text-sm">No spend was promised.</p> : null}
      {data?.length ? (
        <Table label="Commitments">
          <TableHead>
            <tr>
              <TableHeaderCell>Provider</TableHeaderCell>
              <TableHeaderCell numeric>Promised</TableHeaderCell>
              <TableHeaderCell numeric>Spent</TableHeaderCell>
              <TableHeaderCell numeric>Left</TableHeaderCell>
              <TableHeaderCell>In force</TableHeaderCell>
              {mayWrite ? (
                <TableHeaderCell>
                  <span className="sr-only">Actions</span>
                </TableHeaderCell>
              ) : null}
            </tr>
          </TableHead>
          <TableBody>
            {data.map((row) => (
              <TableRow key={row.id}>
                <TableCell className="font-medium">
                  {row.provider ?? "Every provider"}
                  {row.note ? (
                    <span className="block max-w-48 truncate font-normal text-muted text-xs" dir="auto" title={row.note}>
                      {row.note}
                    </span>
                  ) : null}
                </TableCell>
                <TableCell numeric>
                  {formatMoney(row.amount)}
                  <span className="block text-muted text-xs">{row.period === "month" ? "a month" : "over the term"}</span>
                </TableCell>
                <TableCell numeric title={formatMoneyExact(row.spent)}>
                  {formatMoney(row.spent)}
                  <span className="block text-muted text-xs">{formatPercent(shareOf(row.spent, row.amount) ?? 0)}</span>
                </TableCell>
                <TableCell numeric title={formatMoneyExact(row.remaining)}>
                  {formatMoney(row.remaining)}
                </TableCell>
                <TableCell className="whitespace-nowrap text-muted text-xs">{validityWords(row, organization.time_zone)}</TableCell>
                {mayWrite ? (
                  <TableCell className="w-0 text-end">
                    <Button size="sm" variant="ghost" onClick={() => setEnding(row)}>
                      Take back
                    </Button>
                  </TableCell>
                ) : null}
              </TableRow>
            ))}
          </TableBody>
        </Table>
      ) : null}
      {mayWrite && url.get("commit") === "1" ? <CommitmentDialog onClose={() => url.set({ commit: null })} /> : null}
      {ending ? (
        <ConfirmDialog
          open
          onOpenChange={() => setEnding(undefined)}
          title="Take this commitment back?"
          consequences={<p>It no longer counts from now on; that it was there stays in the audit log.</p>}
          confirmLabel="Take back"
          onConfirm={() => end(ending)}
        />
      ) : null}
    </Section>
  );
}

function AddButton({ onClick }: { onClick: () => void }) {
  return (
    <Button onClick={onClick}>
      <Plus aria-hidden />
      New commitment
    </Button>
  );
}
