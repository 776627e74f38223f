"use client";
import { keepPreviousData, useQuery, useQueryClient } from "@tanstack/react-query";
import { RefreshCw, Scale } from "lucide-react";
import Link from "next/link";
import { useSearchParams } from "next/navigation";
import { useState } from "react";
import { Button, buttonStyles } from "@/components/ui/button.tsx";
import { EmptyState } from "@/components/ui/empty-state.tsx";
import { LoadMore } from "@/components/ui/load-more.tsx";
import { PageHeader, Section } from "@/components/ui/section.tsx";
import { toast } from "@/components/ui/toast.tsx";
import { useUrlState } from "@/components/ui/use-url-state.ts";
import { formatMoney, formatMoneyExact } from "@/lib/core/money.ts";
import { useOrganization, usePermission } from "@/lib/orgs/hooks.ts";
import { refreshReconciliation } from "@/lib/reconciliation/actions.ts";
import { journalQuery, linesQuery, type ReconciliationSummary, summaryQuery } from "@/lib/reconciliation/queries.ts";
import { readScope } from "@/lib/reconciliation/rules.ts";
import { useDb } from "@/lib/supabase/browser.ts";
import { AdjustDialog } from "./adjust-dialog.tsx";
import { DifferenceClasses } from "./difference-classes.tsx";
import { JournalList } from "./journal-list.tsx";
import { LinesCsvButton, LinesTable } from "./lines-table.tsx";
import { ScopeFilters } from "./scope-filters.tsx";

const PAGE = 200;

/** `today`: the UTC date of the request. */
export function ReconciliationPage({ today, hasConnections }: { today: string; hasConnections: boolean }) {
  const { organization } = useOrganization();
  const mayWrite = usePermission("connections.write");
  const db = useDb();
  const queryClient = useQueryClient();
  const params = useSearchParams();
  const url = useUrlState();
  const scope = readScope(new URLSearchParams(params), organization.id, today);
  const order = url.get("order") || "day";
  const [limit, setLimit] = useState(PAGE);
  const [refreshing, setRefreshing] = useState(false);
  const asking = <T,>(query: { queryKey: readonly unknown[]; queryFn: (client: typeof db) => Promise<T> }) => ({
    queryKey: query.queryKey,
    queryFn: () => query.queryFn(db),
    placeholderData: keepPreviousData,
  });
  const lines = useQuery(asking(linesQuery(scope, order, limit)));
  const summary = useQuery(asking(summaryQuery(scope)));
  const journal = useQuery(asking(journalQuery(organization.id)));
  const rows = lines.data ?? [];

  async function refresh() {
    setRefreshing(true);
    const result = await refreshReconciliation(organization.id, scope.from, scope.to);
    if (!result.ok) toast({ title: result.error.message, tone: "critical" });
    await queryClient.invalidateQueries({ queryKey: ["reconciliation"] });
    setRefreshing(false);
  }

  return (
    <>
      <PageHeader
        title="Reconciliation"
        description="What you tracked beside what providers bill, per day, line and key, and why the two differ. Amounts are US dollars; days are UTC, as providers bill."
        actions={
          <>
            <Button onClick={refresh} pending={refreshing}>
              <RefreshCw aria-hidden />
              Compare again
            </Button>
            {mayWrite && summary.data && summary.data.adjustable !== "0" ? (
              <Button variant="primary" onClick={() => url.set({ adjust: "1" })}>
                <Scale aria-hidden />
                Adjust to the bill
              </Button>
            ) : null}
          </>
        }
      >
        <ScopeFilters scope={scope} today={today} />
      </PageHeader>
      {summary.data ? <Totals summary={summary.data} /> : null}
      {rows.length === 0 && !lines.isPending ? (
        <Nothing hasConnections={hasConnections} slug={organization.slug} isFiltered={scope.classes !== null || scope.provider !== null} />
      ) : (
        <>
          {summary.data ? (
            <Section title="Why the bill differs">
              <DifferenceClasses summary={summary.data} />
            </Section>
          ) : null}
          <Section title="Day by day" actions={<LinesCsvButton lines={rows} />}>
            <div className={lines.isPlaceholderData ? "opacity-60" : undefined}>
              <LinesTable lines={rows} order={order} onOrder={(next) => url.set({ order: next === "day" ? null : next })} />
            </div>
            <LoadMore
              shown={rows.length}
              noun="lines"
              hasMore={rows.length < (rows[0]?.total_rows ?? 0)}
              pending={lines.isFetching}
              onLoadMore={() => setLimit(limit + PAGE)}
            />
          </Section>
        </>
      )}
      <Section title="Journal" description="Adjustments beside the records. Total shown = records + journal.">
        <JournalList entries={journal.data ?? []} />
      </Section>
      {mayWrite && summary.data && url.get("adjust") === "1" ? (
        <AdjustDialog scope={scope} summary={summary.data} onClose={() => url.set({ adjust: null })} />
      ) : null}
    </>
  );
}

function Totals({ summary }: { summary: ReconciliationSummary }) {
  const figures = [
    { label: "Tracked", value: summary.tracked },
    { label: "In the journal", value: summary.journaled },
    { label: "Billed", value: summary.billed },
    { label: "Difference", value: summary.difference },
  ];
  return (
    <dl className="mb-6 grid grid-cols-2 gap-4 sm:grid-cols-4">
      {figures.map(({ label, value }) => (
        <div key={label} className="grid gap-1">
          <dt className="text-muted text-xs">{label}</dt>
          <dd className="figures font-semibold text-2xl tracking-tight" title={formatMoneyExact(value)}>
            {formatMoney(value)}
          </dd>
        </div>
      ))}
    </dl>
  );
}

function Nothing({ hasConnections, slug, isFiltered }: { hasConnections: boolean; slug: string; isFiltered: boolean }) {
  if (hasConnections) {
    return (
      <EmptyState icon={<Scale />} title={isFiltered ? "Nothing matches these filters." : "Nothing was billed or tracked on these days."}>
        A new connection fetches the last 31 days first; that takes a few minutes.
      </EmptyState>
    );
  }
  return (
    <EmptyState
      icon={<Scale />}
      title="There is no bill to compare with"
      actions={
        <Link href={`/${slug}/settings/connections?create=1`} className={buttonStyles({ variant: "primary" })}>
          Connect a provider
        </Link>
      }
    >
      Connect a provider, and every day its bill is laid beside what you tracked.
    </EmptyState>
  );
}
