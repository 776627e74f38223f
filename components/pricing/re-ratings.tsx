"use client";
import { useQueryClient } from "@tanstack/react-query";
import { RotateCcw } from "lucide-react";
import { useState } from "react";
import { Button } from "@/components/ui/button.tsx";
import { Section } from "@/components/ui/section.tsx";
import { TableSkeleton } from "@/components/ui/skeleton.tsx";
import { Table, TableBody, TableCell, TableHead, TableHeaderCell, TableRow } from "@/components/ui/table.tsx";
import { toast } from "@/components/ui/toast.tsx";
import { QueryError } from "@/components/usage/query-error.tsx";
import { formatMoney, formatMoneyExact } from "@/lib/core/money.ts";
import { formatCount, formatPercent } from "@/lib/core/numbers.ts";
import { formatDate, formatDateTime } from "@/lib/core/time.ts";
import { useOrganization, usePermission } from "@/lib/orgs/hooks.ts";
import { cancelReRating } from "@/lib/pricing/actions.ts";
import { type ReRating, reRatingsQuery } from "@/lib/pricing/history.ts";
import { usePrices } from "@/lib/pricing/hooks.ts";
import { ReRateDialog } from "./re-rate-dialog.tsx";

/** History priced anew: what runs, what was done, what it moved. A running job shows how far it is. */
export function ReRatings() {
  const { organization } = useOrganization();
  const mayWrite = usePermission("prices.write");
  const queryClient = useQueryClient();
  const [starting, setStarting] = useState(false);
  const { data, error, refetch } = usePrices(reRatingsQuery(organization.id), { refetchInterval: 3000 });
  const isRunning = data?.some(({ state }) => state === "running") ?? false;

  async function cancel(id: string) {
    const result = await cancelReRating(organization.id, id);
    toast(result.ok ? { title: "Stopped; what was done stays" } : { title: result.error.message, tone: "critical" });
    await queryClient.invalidateQueries({ queryKey: ["prices", "re-ratings"] });
  }

  return (
    <Section
      title="Rate history again"
      description="Past requests keep the price they were recorded with until they are rated again. Calls come in meanwhile, and what was shown before can be shown again."
      actions={
        mayWrite ? (
          <Button onClick={() => setStarting(true)} disabled={isRunning}>
            <RotateCcw aria-hidden />
            Rate again
          </Button>
        ) : null
      }
    >
      {error ? <QueryError error={error} what="The jobs" onRetry={() => refetch()} /> : null}
      {!data && !error ? <TableSkeleton rows={3} columns={["w-48", "w-28", "w-20", "w-24", "w-24"]} /> : null}
      {data?.length === 0 ? <p className="text-muted text-sm">History was never rated again.</p> : null}
      {data?.length ? (
        <Table label="Re-ratings" className="min-w-[40rem]">
          <TableHead>
            <tr>
              <TableHeaderCell>Requests of</TableHeaderCell>
              <TableHeaderCell>State</TableHeaderCell>
              <TableHeaderCell numeric>Changed</TableHeaderCell>
              <TableHeaderCell numeric>Cost before</TableHeaderCell>
              <TableHeaderCell numeric>Cost after</TableHeaderCell>
            </tr>
          </TableHead>
          <TableBody>
            {data.map((job) => (
              <TableRow key={job.id}>
                <TableCell className="max-w-56">
                  {formatDate(job.window_from, organization.time_zone)} to {formatDate(job.window_to, organization.time_zone)}
                  <span className="block truncate text-muted text-xs" dir="auto" title={`${job.reason}, ${job.requested_by}`}>
                    {job.reason} · {job.requested_by}
                  </span>
                </TableCell>
                <TableCell>
                  <State job={job} timeZone={organization.time_zone} onCancel={mayWrite ? () => cancel(job.id) : undefined} />
                </TableCell>
                <TableCell numeric>
                  {formatCount(job.records_changed)}
                  <span className="block text-muted text-xs">of {formatCount(job.records_seen)}</span>
                </TableCell>
                <TableCell numeric title={formatMoneyExact(job.cost_before)}>
                  {formatMoney(job.cost_before)}
                </TableCell>
                <TableCell numeric title={formatMoneyExact(job.cost_after)}>
                  {formatMoney(job.cost_after)}
                  {job.posted === "0" ? null : (
                    <span className="block text-muted text-xs">{formatMoney(job.posted)} posted to the open month</span>
                  )}
                </TableCell>
              </TableRow>
            ))}
          </TableBody>
        </Table>
      ) : null}
      {starting ? <ReRateDialog onClose={() => setStarting(false)} /> : null}
    </Section>
  );
}

function State({ job, timeZone, onCancel }: { job: ReRating; timeZone: string; onCancel?: (() => void) | undefined }) {
  if (job.state !== "running") {
    return (
      <>
        {job.state === "done" ? "Done" : "Stopped"}
        {job.finished_at ? <span className="block text-muted text-xs">{formatDateTime(job.finished_at, timeZone, false)}</span> : null}
      </>
    );
  }
  const part = job.records_total === 0 ? 0 : Math.min(1, job.records_seen / job.records_total);
  return (
    <div className="flex items-center gap-2">
      <progress aria-label="Rated" className="h-1.5 w-24 accent-accent" value={part} max={1} />
      <span className="figures text-xs">{formatPercent(part)}</span>
      {onCancel ? (
        <Button size="sm" variant="ghost" onClick={onCancel}>
          Stop
        </Button>
      ) : null}
    </div>
  );
}
