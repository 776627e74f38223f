"use client";
import { useDeferredValue, useMemo, useState } from "react";
import type { Option } from "@/components/ui/select.tsx";
import { useOrganization } from "@/lib/orgs/hooks.ts";
import { usePrices } from "@/lib/pricing/hooks.ts";
import { pricesQuery } from "@/lib/pricing/queries.ts";
import { rateWords } from "@/lib/pricing/rules.ts";

/** Models with a price per input token, searched in the price list; without a search those in use come first. */
export function useModelOptions(chosen: string) {
  const { organization } = useOrganization();
  const [search, setSearch] = useState("");
  const typed = useDeferredValue(search.trim());
  const filter = { search: typed, provider: "", unit: "input_tokens", tier: "standard", state: "current", scope: typed ? "all" : "used" };
  const { data } = usePrices(pricesQuery(organization.id, filter, 200));
  const options = useMemo(() => {
    const found = new Map<string, Option>();
    if (chosen) found.set(chosen, { value: chosen, label: chosen });
    for (const { provider, model, unit, list_rate, contracted_rate, per } of data ?? []) {
      const value = `${provider}/${model}`;
      if (!found.get(value)?.hint) {
        found.set(value, { value, label: value, hint: `${rateWords(unit, contracted_rate ?? list_rate, per)} input` });
      }
    }
    return [...found.values()];
  }, [chosen, data]);
  return { options, onSearch: setSearch };
}
