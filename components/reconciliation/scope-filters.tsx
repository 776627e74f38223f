"use client";
import { CheckboxField } from "@/components/ui/checkbox.tsx";
import { FilterChip } from "@/components/ui/chip.tsx";
import { Combobox } from "@/components/ui/combobox.tsx";
import { Select } from "@/components/ui/select.tsx";
import { useUrlState } from "@/components/ui/use-url-state.ts";
import { providerNames, providers } from "@/lib/connections/schema.ts";
import { windowChoices } from "@/lib/reconciliation/rules.ts";
import { classWords, differenceClasses, type ReconciliationScope } from "@/lib/reconciliation/schema.ts";

const EVERY = "all";
const providerOptions = [{ value: EVERY, label: "Every provider" }, ...providers.map((value) => ({ value, label: providerNames[value] }))];
const classOptions = differenceClasses.map((value) => ({ value, label: classWords[value].label, hint: classWords[value].meaning }));

/** What is looked at, all of it in the address. */
export function ScopeFilters({ scope, today }: { scope: ReconciliationScope; today: string }) {
  const url = useUrlState();
  const chosen = url.get("class") ? (scope.classes ?? []) : [];
  return (
    <div className="flex flex-wrap items-center gap-2">
      <Select
        aria-label="Days"
        className="w-auto min-w-40"
        value={url.get("window") || "recent"}
        onValueChange={(value) => url.set({ window: value === "recent" ? null : value })}
        options={windowChoices(today)}
      />
      <Select
        aria-label="Provider"
        className="w-auto min-w-40"
        value={scope.provider ?? EVERY}
        onValueChange={(value) => url.set({ provider: value === EVERY ? null : value })}
        options={providerOptions}
      />
      <Combobox
        aria-label="Class of difference"
        multiple
        placeholder="Every class"
        className="w-auto min-w-40"
        value={chosen}
        onValueChange={(value) => url.set({ class: value.join(",") })}
        options={classOptions}
      />
      <CheckboxField
        name="open"
        label="Only differences"
        checked={url.get("open") === "1"}
        onCheckedChange={(isOn) => url.set({ open: isOn === true ? "1" : null })}
      />
      {chosen.map((name) => (
        <FilterChip
          key={name}
          label="Class"
          value={classWords[name].label}
          onRemove={() => url.set({ class: chosen.filter((other) => other !== name).join(",") })}
        />
      ))}
    </div>
  );
}
