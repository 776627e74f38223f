"use client";
import { ShieldCheck } from "lucide-react";
import { Badge } from "@/components/ui/badge.tsx";
import { EmptyState } from "@/components/ui/empty-state.tsx";
import { TableSkeleton } from "@/components/ui/skeleton.tsx";
import { Table, TableBody, TableCell, TableHead, TableHeaderCell, TableRow } from "@/components/ui/table.tsx";
import { QueryError } from "@/components/usage/query-error.tsx";
import { formatDate } from "@/lib/core/time.ts";
import { useOrganization } from "@/lib/orgs/hooks.ts";
import { heldPricesQuery } from "@/lib/pricing/history.ts";
import { usePrices } from "@/lib/pricing/hooks.ts";
import { rateWords, unitWords } from "@/lib/pricing/rules.ts";

/** Changes of the price list that wait for a decision: what they would do, and that nothing is charged by them. */
export function HeldList() {
  const { organization } = useOrganization();
  const { data, error, refetch } = usePrices(heldPricesQuery(organization.id));
  if (error) return <QueryError error={error} what="The held changes" onRetry={() => refetch()} />;
  if (!data) return <TableSkeleton rows={3} columns={["w-48", "w-28", "w-20", "w-24", "w-24"]} />;
  if (data.length === 0) {
    return (
      <EmptyState icon={<ShieldCheck />} title="Nothing is held">
        When a refresh of the price list moves a price by more than 20 % or drops one, it waits here until whoever runs this installation
        has looked at it. Until then the old price counts.
      </EmptyState>
    );
  }
  return (
    <>
      <p className="mb-3 max-w-prose text-muted text-sm">
        These changes are not in force. Whoever runs this installation lets them go live or drops them.
      </p>
      <Table label="Held changes" className="min-w-[40rem]">
        <TableHead>
          <tr>
            <TableHeaderCell>Model</TableHeaderCell>
            <TableHeaderCell>Unit</TableHeaderCell>
            <TableHeaderCell numeric>In force</TableHeaderCell>
            <TableHeaderCell numeric>Would become</TableHeaderCell>
            <TableHeaderCell>Held since</TableHeaderCell>
          </tr>
        </TableHead>
        <TableBody>
          {data.flatMap((held) =>
            held.diff.map((change, index) => (
              <TableRow key={`${held.id} ${change.unit} ${change.service_tier} ${change.region} ${change.was}`}>
                <TableCell className="max-w-56 align-top">
                  {index > 0 ? (
                    <span className="sr-only">{held.model}</span>
                  ) : (
                    <>
                      <span className="block truncate font-medium" title={held.model}>
                        {held.model}
                      </span>
                      <span className="block text-muted text-xs">{held.provider}</span>
                      {held.is_used ? <Badge tone="warning">you use it</Badge> : null}
                    </>
                  )}
                </TableCell>
                <TableCell>
                  {unitWords(change.unit)}
                  <span className="block text-muted text-xs">
                    {[change.service_tier === "standard" ? "" : `${change.service_tier} tier`, change.region].filter(Boolean).join(" · ")}
                  </span>
                </TableCell>
                <TableCell numeric>{rateWords(change.unit, change.was)}</TableCell>
                <TableCell numeric>{change.reason === "dropped" ? "dropped" : rateWords(change.unit, change.becomes ?? null)}</TableCell>
                <TableCell className="whitespace-nowrap text-muted text-xs">
                  {index > 0 ? "" : formatDate(held.held_at, organization.time_zone)}
                </TableCell>
              </TableRow>
            )),
          )}
        </TableBody>
      </Table>
    </>
  );
}
