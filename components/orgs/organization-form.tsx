"use client";
import { useRouter } from "next/navigation";
import { Banner } from "@/components/ui/banner.tsx";
import { Button } from "@/components/ui/button.tsx";
import { CopyButton } from "@/components/ui/copy-button.tsx";
import { Field } from "@/components/ui/field.tsx";
import { Input } from "@/components/ui/input.tsx";
import { toast } from "@/components/ui/toast.tsx";
import { useForm } from "@/components/ui/use-form.ts";
import { updateOrganization } from "@/lib/orgs/actions.ts";
import { useOrganization, usePermission } from "@/lib/orgs/hooks.ts";
import { TimeZoneField } from "./time-zone-field.tsx";

const zoneHint =
  "“Today”, days, weeks and months of every chart and report are counted in this zone. Changing it draws past days anew along the new midnights; no amount changes.";

/** Name and time zone; read-only words for whoever may not change them. */
export function OrganizationForm() {
  const { organization } = useOrganization();
  const mayWrite = usePermission("organization.write");
  const router = useRouter();
  const { formProps, pending, fields, problem } = useForm(updateOrganization, () => {
    toast({ title: "Saved" });
    router.refresh();
  });
  return (
    <form {...formProps} className="grid max-w-md gap-5">
      {problem ? <Banner tone="critical">{problem}</Banner> : null}
      <input type="hidden" name="organization_id" value={organization.id} />
      {mayWrite ? (
        <>
          <Field label="Name" error={fields.name}>
            <Input name="name" defaultValue={organization.name} maxLength={80} />
          </Field>
          <TimeZoneField name="time_zone" defaultValue={organization.time_zone} error={fields.time_zone} hint={zoneHint} />
        </>
      ) : (
        <dl className="grid gap-4">
          <Fact label="Name" value={organization.name} />
          <Fact label="Time zone" value={organization.time_zone} />
          <p className="text-muted text-xs">Only an owner may change these.</p>
        </dl>
      )}
      <dl className="grid gap-4">
        <Fact label="Address" value={`/${organization.slug}`} />
        <Fact label="Organization id" value={organization.id} copy />
      </dl>
      {mayWrite ? (
        <Button type="submit" variant="primary" pending={pending} className="justify-self-start">
          Save
        </Button>
      ) : null}
    </form>
  );
}

function Fact({ label, value, copy }: { label: string; value: string; copy?: boolean }) {
  return (
    <div>
      <dt className="font-medium">{label}</dt>
      <dd className="flex items-center gap-1 break-all text-muted" dir="auto">
        {copy ? <code className="text-xs">{value}</code> : value}
        {copy ? <CopyButton text={value} label={`Copy ${label}`} /> : null}
      </dd>
    </div>
  );
}
