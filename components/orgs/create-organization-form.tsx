"use client";
import { useEffect, useState } from "react";
import { Banner } from "@/components/ui/banner.tsx";
import { Button } from "@/components/ui/button.tsx";
import { Field } from "@/components/ui/field.tsx";
import { Input } from "@/components/ui/input.tsx";
import { useForm } from "@/components/ui/use-form.ts";
import { createOrganization } from "@/lib/orgs/actions.ts";
import { slugPreview } from "@/lib/orgs/rules.ts";
import { TimeZoneField } from "./time-zone-field.tsx";

/** Name, address and time zone of a new organization; the address follows the name until it is edited. */
export function CreateOrganizationForm({ host }: { host: string }) {
  const [name, setName] = useState("");
  const [slug, setSlug] = useState<string>();
  const [zone, setZone] = useState<string>();
  useEffect(() => setZone(Intl.DateTimeFormat().resolvedOptions().timeZone), []);
  const { formProps, pending, fields, problem } = useForm(createOrganization, (created) => location.assign(`/${created.slug}/start`));
  const address = slug ?? slugPreview(name);

  return (
    <form {...formProps} className="grid gap-4">
      {problem ? <Banner tone="critical">{problem}</Banner> : null}
      <Field label="Name" error={fields.name}>
        <Input
          name="name"
          autoFocus
          maxLength={80}
          autoComplete="organization"
          value={name}
          onChange={(event) => setName(event.target.value)}
        />
      </Field>
      <Field
        label="Address"
        optional
        error={fields.slug}
        hint={
          <span className="break-all">
            {host}/<span className="font-medium text-ink">{address || "…"}</span>
          </span>
        }
      >
        <Input
          name="slug"
          dir="ltr"
          spellCheck={false}
          autoCapitalize="none"
          maxLength={48}
          placeholder={slugPreview(name) || "made from the name"}
          value={slug ?? ""}
          onChange={(event) => setSlug(event.target.value || undefined)}
        />
      </Field>
      <TimeZoneField
        key={zone}
        name="time_zone"
        defaultValue={zone ?? "UTC"}
        error={fields.time_zone}
        hint="Days, weeks and months of every report are counted in it. You can change it later."
      />
      <Button type="submit" variant="primary" size="lg" pending={pending}>
        Create organization
      </Button>
    </form>
  );
}
