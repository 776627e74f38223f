"use client";
import { useState } from "react";
import { Combobox } from "@/components/ui/combobox.tsx";
import { Field } from "@/components/ui/field.tsx";

/** Browsers list these zones by an older name only; people look for the city as it is called now. */
const renamed = [
  "Asia/Kolkata",
  "Asia/Kathmandu",
  "Asia/Yangon",
  "Asia/Ho_Chi_Minh",
  "Europe/Kyiv",
  "America/Nuuk",
  "Atlantic/Faroe",
  "Pacific/Pohnpei",
  "Pacific/Chuuk",
];

/** Every zone this browser knows, and the one in use even when it does not. */
function zones(current: string): { value: string; label: string }[] {
  const all = new Set(["UTC", current, ...renamed, ...Intl.supportedValuesOf("timeZone")].filter(Boolean));
  return [...all].sort().map((zone) => ({ value: zone, label: zone.replaceAll("_", " ") }));
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
