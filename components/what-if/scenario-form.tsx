"use client";
import { Button } from "@/components/ui/button.tsx";
import { Combobox } from "@/components/ui/combobox.tsx";
import { Field } from "@/components/ui/field.tsx";
import { Select } from "@/components/ui/select.tsx";
import { isChanged, readScenario } from "@/lib/pricing/scenario.ts";
import { useModelOptions } from "./use-model-options.ts";

type ScenarioFormProps = {
  params: URLSearchParams;
  update: (change: (params: URLSearchParams) => URLSearchParams, how?: "push" | "replace") => void;
};

const AS_IT_WAS = "as-it-was";
const percents = (values: readonly number[], words: (value: number) => string) =>
  values.map((value) => ({ value: String(value), label: words(value) }));

/** What to change in thought; every choice is in the address and answered at once. */
export function ScenarioForm({ params, update }: ScenarioFormProps) {
  const scenario = readScenario(params);
  const as = scenario.model === null ? "" : `${scenario.provider}/${scenario.model}`;
  const models = useModelOptions(as);
  const set = (name: string, value: string | null) =>
    update((old) => {
      if (value === null) old.delete(name);
      else old.set(name, value);
      if (name === "in" && value === null) old.delete("share");
      return old;
    });
  const choice = (name: string) => ({
    value: params.get(name) ?? AS_IT_WAS,
    onValueChange: (value: string) => set(name, value === AS_IT_WAS ? null : value),
  });
  return (
    <section aria-label="What to change" className="mb-6 grid gap-4 rounded-lg border border-border p-4 sm:grid-cols-2 lg:grid-cols-4">
      <Field label="As another model">
        <Combobox
          options={models.options}
          value={as ? [as] : []}
          onValueChange={([value]) => set("as", value ?? null)}
          onSearch={models.onSearch}
          placeholder="as it was"
          searchPlaceholder="Model…"
          emptyText="No model in the price list fits."
        />
      </Field>
      <Field label="In the tier">
        <Select
          {...choice("in")}
          options={[
            { value: AS_IT_WAS, label: "as it was" },
            { value: "batch", label: "batch" },
            { value: "flex", label: "flex" },
            { value: "priority", label: "priority" },
            { value: "standard", label: "standard" },
          ]}
        />
      </Field>
      {scenario.tier ? (
        <Field label={`Part of it in ${scenario.tier}`}>
          <Select
            value={params.get("share") ?? "100"}
            onValueChange={(value) => set("share", value === "100" ? null : value)}
            options={percents([10, 20, 30, 40, 50, 60, 70, 80, 90, 100], (value) => `${value} %`)}
          />
        </Field>
      ) : null}
      <Field label="Input read from the cache">
        <Select
          {...choice("cached")}
          options={[
            { value: AS_IT_WAS, label: "as it was" },
            ...percents([0, 10, 20, 30, 40, 50, 60, 70, 80, 90, 95], (value) => `${value} %`),
          ]}
        />
      </Field>
      <Field label="Prices">
        <Select
          {...choice("prices")}
          options={[
            { value: AS_IT_WAS, label: "of the time of each request" },
            { value: "today", label: "of today" },
          ]}
        />
      </Field>
      {isChanged(scenario) ? (
        <Button
          variant="ghost"
          className="justify-self-start self-end"
          onClick={() =>
            update((old) => {
              for (const name of ["as", "in", "share", "cached", "prices"]) old.delete(name);
              return old;
            })
          }
        >
          Change nothing
        </Button>
      ) : null}
    </section>
  );
}
