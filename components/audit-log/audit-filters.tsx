"use client";
import { useState } from "react";
import { Input } from "@/components/ui/input.tsx";
import { Select } from "@/components/ui/select.tsx";
import { useUrlState } from "@/components/ui/use-url-state.ts";
import { entityLabels } from "@/lib/audit-log/rules.ts";

const everything = "all";

/** Search, kind of thing, first and last day. */
export function AuditFilters() {
  const url = useUrlState();
  const [search, setSearch] = useState(url.get("q"));
  return (
    <>
      <Input
        type="search"
        data-filter=""
        aria-label="Filter the log"
        placeholder="Filter by who, what, request id…"
        className="w-full sm:w-64"
        value={search}
        onChange={(event) => {
          setSearch(event.target.value);
          url.set({ q: event.target.value });
        }}
      />
      <Select
        aria-label="Kind"
        className="w-auto min-w-36"
        value={url.get("entity") || everything}
        onValueChange={(value) => url.set({ entity: value === everything ? null : value })}
        options={[{ value: everything, label: "Everything" }, ...Object.entries(entityLabels).map(([value, label]) => ({ value, label }))]}
      />
      <Input
        type="date"
        aria-label="From day"
        className="w-auto"
        value={url.get("from")}
        onChange={(event) => url.set({ from: event.target.value })}
      />
      <Input
        type="date"
        aria-label="To day"
        className="w-auto"
        value={url.get("to")}
        onChange={(event) => url.set({ to: event.target.value })}
      />
    </>
  );
}
