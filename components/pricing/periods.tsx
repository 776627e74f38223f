"use client";
import { useQueryClient } from "@tanstack/react-query";
import { Lock } from "lucide-react";
import { useState } from "react";
import { Badge } from "@/components/ui/badge.tsx";
import { Button } from "@/components/ui/button.tsx";
import { ConfirmDialog } from "@/components/ui/confirm-dialog.tsx";
import { Section } from "@/components/ui/section.tsx";
import { TableSkeleton } from "@/components/ui/skeleton.tsx";
import { Table, TableBody, TableCell, TableHead, TableHeaderCell, TableRow } from "@/components/ui/table.tsx";
import { toast } from "@/components/ui/toast.tsx";
import { QueryError } from "@/components/usage/query-error.tsx";
import { formatMoney, formatMoneyExact } from "@/lib/core/money.ts";
import { formatDate, inZone, MONTHS } from "@/lib/core/time.ts";
import { useOrganization, usePermission } from "@/lib/orgs/hooks.ts";
import { closePeriod } from "@/lib/pricing/actions.ts";
import { type Period, periodsQuery } from "@/lib/pricing/history.ts";
import { usePrices } from "@/lib/pricing/hooks.ts";

/** Month by month: closed statements, the open month with what was carried into it, and what lies ahead. */
export function Periods({ now }: { now: string }) {
  const { organization } = useOrganization();
  const mayWrite = usePermission("prices.write");
  const queryClient = useQueryClient();
  const { data, error, refetch } = usePrices(periodsQuery(organization.id));
  const [closing, setClosing] = useState<Period>();
  const name = ({ period_from }: Period) => {
    const at = inZone(period_from, organization.time_zone);
    return `${MONTHS[at.month - 1]} ${at.year}`;
  };

  async function close(period: Period) {
    const result = await closePeriod(organization.id, period.period_from);
    if (!result.ok) return result.error.message;
    toast({ title: `${name(period)} is closed` });
    await queryClient.invalidateQueries({ queryKey: ["prices", "periods"] });
    return undefined;
  }

  return (
    <Section title="Months" description="A closed month keeps its statement. What changes later is posted into the month that is open.">
      {error ? <QueryError error={error} what="The months" onRetry={() => refetch()} /> : null}
      {!data && !error ? <TableSkeleton rows={3} columns={["w-24", "w-20", "w-20", "w-20", "w-24"]} /> : null}
      {data?.length === 0 ? <p className="text-muted text-sm">No usage yet.</p> : null}
      {data?.length ? (
        <Table label="Months" className="min-w-[36rem]">
          <TableHead>
            <tr>
              <TableHeaderCell>Month</TableHeaderCell>
              <TableHeaderCell numeric>Its own</TableHeaderCell>
              <TableHeaderCell numeric>Carried</TableHeaderCell>
              <TableHeaderCell numeric>Posted</TableHeaderCell>
              <TableHeaderCell numeric>Statement</TableHeaderCell>
              <TableHeaderCell>
                <span className="sr-only">State</span>
              </TableHeaderCell>
            </tr>
          </TableHead>
          <TableBody>
            {data.map((period) => (
              <TableRow key={period.period_from}>
                <TableCell className="whitespace-nowrap font-medium">{name(period)}</TableCell>
                {[period.cost, period.carried, period.posted].map((amount, index) => (
                  <TableCell key={["cost", "carried", "posted"][index]} numeric className="text-muted" title={formatMoneyExact(amount)}>
                    {amount === "0" && index > 0 ? "–" : formatMoney(amount)}
                  </TableCell>
                ))}
                <TableCell numeric className="font-medium" title={formatMoneyExact(period.total)}>
                  {formatMoney(period.total)}
                </TableCell>
                <TableCell className="text-end">
                  {period.state === "closed" ? (
                    <span className="text-muted text-xs" title={period.closed_by ?? undefined}>
                      closed {period.closed_at ? formatDate(period.closed_at, organization.time_zone) : ""}
                    </span>
                  ) : period.state === "open" && mayWrite && period.period_to <= now ? (
                    <Button size="sm" onClick={() => setClosing(period)}>
                      <Lock aria-hidden />
                      Close
                    </Button>
                  ) : (
                    <Badge>{period.state === "open" ? "open" : "not yet"}</Badge>
                  )}
                </TableCell>
              </TableRow>
            ))}
          </TableBody>
        </Table>
      ) : null}
      {closing ? (
        <ConfirmDialog
          open
          onOpenChange={() => setClosing(undefined)}
          title={`Close ${name(closing)}?`}
          consequences={
            <p>
              Its statement of {formatMoneyExact(closing.total)} never changes again
              {closing.unpriced_requests > 0 ? `, though ${closing.unpriced_requests} requests still have no price` : ""}. Late arrivals and
              new prices count in the month after it.
            </p>
          }
          confirmLabel="Close month"
          onConfirm={() => close(closing)}
        />
      ) : null}
    </Section>
  );
}
