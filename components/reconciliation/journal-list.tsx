"use client";
import { useQueryClient } from "@tanstack/react-query";
import { Undo2 } from "lucide-react";
import { useState } from "react";
import { Badge } from "@/components/ui/badge.tsx";
import { Button } from "@/components/ui/button.tsx";
import { ConfirmDialog } from "@/components/ui/confirm-dialog.tsx";
import { RelativeTime } from "@/components/ui/relative-time.tsx";
import { Table, TableBody, TableCell, TableHead, TableHeaderCell, TableRow } from "@/components/ui/table.tsx";
import { providerNames } from "@/lib/connections/schema.ts";
import { formatMoneyExact } from "@/lib/core/money.ts";
import { useOrganization, usePermission } from "@/lib/orgs/hooks.ts";
import { reverseAdjustment } from "@/lib/reconciliation/actions.ts";
import type { JournalEntry } from "@/lib/reconciliation/queries.ts";
import { Amount } from "./amount.tsx";

/** Every entry of the journal, newest first. None is ever changed; one is taken back by its opposite. */
export function JournalList({ entries }: { entries: readonly JournalEntry[] }) {
  const { organization } = useOrganization();
  const mayWrite = usePermission("connections.write");
  const queryClient = useQueryClient();
  const [reversing, setReversing] = useState<JournalEntry>();
  if (entries.length === 0) return <p className="text-muted text-sm">Nothing was adjusted yet: what is shown is what was tracked.</p>;

  async function reverse(entry: JournalEntry) {
    const result = await reverseAdjustment(organization.id, entry.id, `Takes back: ${entry.reason}`.slice(0, 500));
    await Promise.all(["reconciliation", "usage"].map((key) => queryClient.invalidateQueries({ queryKey: [key] })));
    return result.ok ? undefined : result.error.message;
  }

  return (
    <>
      <Table label="Journal">
        <TableHead>
          <tr>
            <TableHeaderCell>Entered</TableHeaderCell>
            <TableHeaderCell>Reason</TableHeaderCell>
            <TableHeaderCell>Days (UTC)</TableHeaderCell>
            <TableHeaderCell numeric>Lines</TableHeaderCell>
            <TableHeaderCell numeric>Amount</TableHeaderCell>
            <TableHeaderCell>
              <span className="sr-only">Actions</span>
            </TableHeaderCell>
          </tr>
        </TableHead>
        <TableBody>
          {entries.map((entry) => (
            <TableRow key={entry.id}>
              <TableCell className="whitespace-nowrap">
                <RelativeTime at={entry.created_at} timeZone={organization.time_zone} />
                <span className="block max-w-48 truncate text-muted text-xs" title={entry.created_by_label}>
                  {entry.created_by_label}
                </span>
              </TableCell>
              <TableCell className="min-w-48">
                <span dir="auto">{entry.reason}</span>{" "}
                {entry.reversed_by_id ? <Badge>Taken back</Badge> : entry.kind === "reversal" ? <Badge>Reversal</Badge> : null}
                {entry.provider ? <span className="block text-muted text-xs">{providerNames[entry.provider]}</span> : null}
              </TableCell>
              <TableCell className="figures whitespace-nowrap">
                {entry.first_day} – {entry.last_day}
              </TableCell>
              <TableCell numeric>{entry.lines}</TableCell>
              <TableCell numeric>
                <Amount value={entry.amount} signed />
              </TableCell>
              <TableCell className="w-0 text-end">
                {mayWrite && entry.kind === "reconciliation" && !entry.reversed_by_id ? (
                  <Button size="sm" variant="ghost" onClick={() => setReversing(entry)}>
                    <Undo2 aria-hidden />
                    Take back
                  </Button>
                ) : null}
              </TableCell>
            </TableRow>
          ))}
        </TableBody>
      </Table>
      {reversing ? (
        <ConfirmDialog
          open
          onOpenChange={() => setReversing(undefined)}
          title="Take this entry back?"
          consequences={
            <p>
              An entry of the opposite amount ({formatMoneyExact(reversing.amount)} over {reversing.lines} lines) is added; both stay
              visible. The difference to the bill opens again.
            </p>
          }
          confirmLabel="Take back"
          onConfirm={() => reverse(reversing)}
        />
      ) : null}
    </>
  );
}
