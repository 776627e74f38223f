"use client";
import { BadgeCheck, Tag } from "lucide-react";
import Link from "next/link";
import { useState } from "react";
import { Button } from "@/components/ui/button.tsx";
import { type Column, DataList } from "@/components/ui/data-list.tsx";
import { EmptyState } from "@/components/ui/empty-state.tsx";
import { TableSkeleton } from "@/components/ui/skeleton.tsx";
import { QueryError } from "@/components/usage/query-error.tsx";
import { formatCompact, formatCount } from "@/lib/core/numbers.ts";
import { formatDate } from "@/lib/core/time.ts";
import { useOrganization, usePermission } from "@/lib/orgs/hooks.ts";
import { usePrices } from "@/lib/pricing/hooks.ts";
import { type UnpricedModel, unpricedModelsQuery } from "@/lib/pricing/queries.ts";
import { REASON_WORDS } from "@/lib/pricing/rules.ts";
import { OverrideDialog } from "./override-dialog.tsx";

/** What was used and has no price: why, how much of it, and the way to set one. */
export function UnpricedList() {
  const { organization } = useOrganization();
  const mayWrite = usePermission("prices.write");
  const { data, error, refetch } = usePrices(unpricedModelsQuery(organization.id));
  const [pricing, setPricing] = useState<UnpricedModel>();
  if (error) return <QueryError error={error} what="What has no price" onRetry={() => refetch()} />;
  if (!data) return <TableSkeleton rows={4} columns={["w-48", "w-28", "w-20", "w-20"]} />;
  const columns: Column<UnpricedModel>[] = [
    {
      id: "model",
      header: "Model",
      text: ({ provider, model }) => `${provider} ${model}`,
      cell: ({ provider, model }) => (
        <>
          <Link
            href={`/${organization.slug}/requests?range=90d&model=${encodeURIComponent(model)}&cost_status=unpriced`}
            className="block max-w-64 truncate font-medium hover:underline"
            title={model}
            dir="auto"
          >
            {model}
          </Link>
          <span className="block max-w-64 truncate text-muted text-xs" dir="auto">
            {provider}
          </span>
        </>
      ),
    },
    { id: "reason", header: "Why", text: ({ reason }) => REASON_WORDS[reason] ?? reason },
    {
      id: "requests",
      header: "Unpriced requests",
      numeric: true,
      text: ({ unpriced_requests }) => String(unpriced_requests),
      cell: ({ unpriced_requests }) => formatCount(unpriced_requests),
    },
    { id: "tokens", header: "Tokens", numeric: true, text: ({ tokens }) => String(tokens), cell: ({ tokens }) => formatCompact(tokens) },
    {
      id: "seen",
      header: "Last seen",
      text: ({ last_seen }) => last_seen,
      cell: ({ last_seen }) => formatDate(last_seen, organization.time_zone),
    },
  ];
  return (
    <>
      <DataList
        rows={data}
        rowKey={({ provider, model }) => `${provider} ${model}`}
        label="Unpriced models"
        noun="models"
        prefix="u_"
        columns={columns}
        empty={
          <EmptyState icon={<BadgeCheck />} title="Everything has a price">
            A model that nobody prices shows up here the moment it is used. Its cost is unknown until then, never 0.
          </EmptyState>
        }
        actions={
          mayWrite
            ? (row) => (
                <Button size="sm" onClick={() => setPricing(row)}>
                  <Tag aria-hidden />
                  Set a price
                </Button>
              )
            : undefined
        }
      />
      {mayWrite ? null : <p className="mt-3 text-muted text-sm">An owner of the organization can set prices.</p>}
      {pricing ? (
        <OverrideDialog
          initial={{ kind: "rate", provider: pricing.provider, model: pricing.model, unit: "input_tokens" }}
          onClose={() => setPricing(undefined)}
        />
      ) : null}
    </>
  );
}
