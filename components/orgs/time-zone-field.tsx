"use client";
import { useState } from "react";
import { Combobox } from "@/components/ui/combobox.tsx";
import { Field } from "@/components/ui/field.tsx";

/** Every zone this browser knows, and the one in use even when it does not. */
function zones(current: string): { value: string; label: string }[] {
  const all = new Set(["UTC", current, ...Intl.supportedValuesOf("timeZone")].filter(Boolean));
  return [...all].map((zone) => ({ value: zone, label: zone.replaceAll("_", " ") }));
}

type TimeZoneFieldProps = { name: string; defaultValue: string; error?: string | undefined; hint: string };

/** Choice of an IANA time zone; submits its name. */
export function TimeZoneField({ name, defaultValue, error, hint }: TimeZoneFieldProps) {
  const [zone, setZone] = useState(defaultValue);
  return (
    <Field label="Time zone" error={error} hint={hint}>
      <Combobox
        options={zones(zone)}
        value={[zone]}
        onValueChange={([next]) => next && setZone(next)}
        searchPlaceholder="Search city or region…"
      />
      <input type="hidden" name={name} value={zone} />
    </Field>
  );
}
