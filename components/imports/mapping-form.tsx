"use client";
import { useState } from "react";
import { Button } from "@/components/ui/button.tsx";
import { Select } from "@/components/ui/select.tsx";
import { importFields } from "@/lib/imports/adapters/tokentra.ts";
import type { ImportMapping } from "@/lib/imports/schema.ts";
import type { ChosenFile } from "./use-import.ts";

const usual = ["timestamp", "provider", "model", "input_tokens", "cached_input_tokens", "output_tokens", "cost", "request_id"];
const needed = ["timestamp", "model"];
const vendors = ["openai", "anthropic", "google", "azure", "aws", "mistral", "deepseek"];
const none = "none";

function exampleOf(sample: Record<string, unknown>[], source: string | undefined): string {
  if (source === undefined) return "";
  if (source.startsWith("=")) return "every row";
  const value = sample.map((row) => row[source]).find((found) => found !== undefined && found !== null && found !== "");
  return value === undefined ? "empty in the first rows" : (typeof value === "object" ? JSON.stringify(value) : String(value)).slice(0, 60);
}

type MappingFormProps = { chosen: ChosenFile; disabled: boolean; onChange: (mapping: ImportMapping) => void };

/** Which column is which field. What is chosen is remembered for files with the same columns. */
export function MappingForm({ chosen, disabled, onChange }: MappingFormProps) {
  const { columns, mapping, sample } = chosen;
  const [isLong, setLong] = useState(false);
  const fields = isLong ? importFields : importFields.filter((field) => usual.includes(field) || mapping[field] !== undefined);
  const sorted = [...usual.filter((field) => fields.includes(field)), ...fields.filter((field) => !usual.includes(field))];

  function set(field: string, source: string) {
    const next = { ...mapping };
    if (source === none) delete next[field];
    else next[field] = source;
    onChange(next);
  }

  return (
    <div className="grid gap-3">
      <ul className="grid gap-2">
        {sorted.map((field) => {
          // A column that has the field's own name needs no mapping.
          const own = columns.includes(field) ? field : undefined;
          const source = mapping[field] ?? own;
          return (
            <li key={field} className="grid items-center gap-x-4 gap-y-1 sm:grid-cols-[11rem_16rem_minmax(0,1fr)]">
              <span className="text-sm">
                <code className="text-xs">{field}</code>
                {needed.includes(field) ? <span className="text-muted text-xs"> (needed)</span> : null}
              </span>
              <Select
                aria-label={`Column for ${field}`}
                disabled={disabled}
                value={source ?? none}
                onValueChange={(value) => set(field, value)}
                options={[
                  { value: none, label: field === "provider" ? "Told by the model" : "Not in the file" },
                  ...columns.map((column) => ({ value: column, label: column })),
                  ...(field === "provider" ? vendors.map((vendor) => ({ value: `=${vendor}`, label: `always ${vendor}` })) : []),
                ]}
              />
              <span className="truncate text-muted text-xs" dir="auto">
                {exampleOf(sample, source)}
              </span>
            </li>
          );
        })}
      </ul>
      <div>
        <Button size="sm" variant="ghost" onClick={() => setLong(!isLong)} aria-expanded={isLong}>
          {isLong ? "Fewer fields" : "More fields"}
        </Button>
      </div>
    </div>
  );
}
