"use client";
import { Download, SearchX } from "lucide-react";
import { useState } from "react";
import { Button } from "@/components/ui/button.tsx";
import { cn } from "@/components/ui/cn.ts";
import { saveCsv } from "@/components/ui/download.ts";
import { EmptyState } from "@/components/ui/empty-state.tsx";
import { Input } from "@/components/ui/input.tsx";
import { LoadMore } from "@/components/ui/load-more.tsx";
import { Select } from "@/components/ui/select.tsx";
import { TableSkeleton } from "@/components/ui/skeleton.tsx";
import { useUrlState } from "@/components/ui/use-url-state.ts";
import { QueryError } from "@/components/usage/query-error.tsx";
import { useOrganization } from "@/lib/orgs/hooks.ts";
import { usePrices } from "@/lib/pricing/hooks.ts";
import { PRICES_PAGE, priceFacetsQuery, pricesQuery } from "@/lib/pricing/queries.ts";
import { unitWords } from "@/lib/pricing/rules.ts";
import { readPriceFilter, readPriceRows } from "./price-filter.ts";
import { PricePanel } from "./price-panel.tsx";
import { PriceTable } from "./price-table.tsx";
import { pricesCsv } from "./prices-csv.ts";

const ANY = "any";
const filterNames = ["q", "provider", "unit", "tier", "state", "scope", "rows"];

/** The price book, searched and narrowed by the database; the address holds all of it. */
export function PriceList() {
  const { organization } = useOrganization();
  const url = useUrlState();
  const filter = readPriceFilter(url.get);
  const rows = readPriceRows(url.get);
  const [search, setSearch] = useState(filter.search);
  const { data: facets } = usePrices(priceFacetsQuery(organization.id));
  const { data, error, refetch, isPlaceholderData } = usePrices(pricesQuery(organization.id, filter, rows));
  const total = data?.[0]?.total_rows ?? 0;
  const choose = (name: string, value: string) => url.set({ [name]: value === ANY ? null : value, rows: null });

  function clear() {
    setSearch("");
    url.set(Object.fromEntries(filterNames.map((name) => [name, null])));
  }
  const narrow = (name: string, label: string, all: string, options: { value: string; label: string }[]) => (
    <Select
      aria-label={label}
      className="w-auto min-w-32"
      value={url.get(name) || ANY}
      onValueChange={(value) => choose(name, value)}
      options={[{ value: ANY, label: all }, ...options]}
    />
  );

  return (
    <>
      <search aria-label="Narrow the price list" className="mb-3 flex flex-wrap items-center gap-2">
        <Input
          type="search"
          data-filter
          aria-label="Search provider, model or unit"
          placeholder="Provider, model or unit…"
          maxLength={200}
          className="w-full sm:w-64"
          value={search}
          onChange={(event) => {
            setSearch(event.target.value);
            url.set({ q: event.target.value, rows: null });
          }}
        />
        {narrow("scope", "Which models", "Every model", [
          { value: "used", label: "Models in use" },
          { value: "contracted", label: "With an agreement" },
        ])}
        {narrow("state", "When", "In force", [
          { value: "future", label: "To come" },
          { value: "past", label: "History" },
          { value: "all", label: "Any time" },
        ])}
        {narrow(
          "provider",
          "Provider",
          "Every provider",
          (facets?.providers ?? []).map((value) => ({ value, label: value })),
        )}
        {narrow(
          "unit",
          "Unit",
          "Every unit",
          (facets?.units ?? []).map((value) => ({ value, label: unitWords(value) })),
        )}
        {narrow(
          "tier",
          "Service tier",
          "Every tier",
          (facets?.service_tiers ?? []).map((value) => ({ value, label: value })),
        )}
        <p className="figures ms-auto text-muted text-xs" aria-live="polite">
          {data ? `${total.toLocaleString("en")} ${total === 1 ? "price" : "prices"}` : ""}
        </p>
        <Button size="sm" variant="ghost" disabled={!data?.length} onClick={() => data && saveCsv("prices.csv", pricesCsv(data))}>
          <Download aria-hidden />
          CSV
        </Button>
      </search>
      {error ? <QueryError error={error} what="The price list" onRetry={() => refetch()} /> : null}
      {!data && !error ? <TableSkeleton rows={12} columns={["w-48", "w-28", "w-20", "w-24", "w-24", "w-32"]} /> : null}
      {data?.length === 0 ? (
        <EmptyState icon={<SearchX />} title="No price fits" actions={<Button onClick={clear}>Clear the filter</Button>}>
          {filter.scope === "contracted" ? "Nothing was agreed that fits; agreements are made under Agreements." : null}
        </EmptyState>
      ) : null}
      {data?.length ? (
        <div className={cn("transition-opacity", isPlaceholderData && "opacity-50")} aria-busy={isPlaceholderData}>
          <PriceTable
            rows={data}
            timeZone={organization.time_zone}
            onOpen={({ provider, model }) => url.set({ price: `${provider}/${model}` })}
          />
          <LoadMore
            shown={data.length}
            noun="prices"
            hasMore={total > data.length && rows < 1000}
            pending={isPlaceholderData}
            onLoadMore={() => url.set({ rows: String(Math.min(1000, rows + PRICES_PAGE)) })}
          />
        </div>
      ) : null}
      <PricePanel name={url.get("price")} onClose={() => url.set({ price: null })} />
    </>
  );
}
