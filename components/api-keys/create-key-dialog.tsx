"use client";
import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { Banner } from "@/components/ui/banner.tsx";
import { Button } from "@/components/ui/button.tsx";
import { CheckboxField } from "@/components/ui/checkbox.tsx";
import { Dialog, DialogClose, DialogContent, DialogFooter } from "@/components/ui/dialog.tsx";
import { Field, FieldSet } from "@/components/ui/field.tsx";
import { Input } from "@/components/ui/input.tsx";
import { Select } from "@/components/ui/select.tsx";
import { useForm } from "@/components/ui/use-form.ts";
import { createApiKey, type NewSecret } from "@/lib/api-keys/actions.ts";
import { apiKeysKey } from "@/lib/api-keys/queries.ts";
import { scopeWords } from "@/lib/api-keys/rules.ts";
import { useOrganization } from "@/lib/orgs/hooks.ts";
import { SecretOnce } from "./secret-once.tsx";

export type Named = { id: string; name: string };
type CreateKeyDialogProps = { teams: readonly Named[]; projects: readonly Named[]; onClose: () => void };

const lifetimes = [
  { value: "none", label: "Never" },
  { value: "30", label: "In 30 days" },
  { value: "90", label: "In 90 days" },
  { value: "365", label: "In a year" },
];
const kinds = [
  { value: "live", label: "Live", hint: "tt_live_…" },
  { value: "test", label: "Test", hint: "tt_test_…, for telling them apart" },
];

function withNone(label: string, things: readonly Named[]) {
  return [{ value: "none", label }, ...things.map(({ id, name }) => ({ value: id, label: name }))];
}

/** Makes a key, then shows it, once. */
export function CreateKeyDialog({ teams, projects, onClose }: CreateKeyDialogProps) {
  const [made, setMade] = useState<NewSecret>();
  return (
    <Dialog open onOpenChange={(open) => !open && onClose()}>
      {made ? (
        <SecretOnce secret={made} />
      ) : (
        <DialogContent title="Create API key" description="What an application shows when it sends usage or reads costs.">
          <CreateKeyForm teams={teams} projects={projects} onMade={setMade} />
        </DialogContent>
      )}
    </Dialog>
  );
}

function CreateKeyForm({ teams, projects, onMade }: Omit<CreateKeyDialogProps, "onClose"> & { onMade: (secret: NewSecret) => void }) {
  const { organization } = useOrganization();
  const queryClient = useQueryClient();
  const { formProps, pending, fields, problem } = useForm(createApiKey, (secret) => {
    void queryClient.invalidateQueries({ queryKey: apiKeysKey(organization.id) });
    onMade(secret);
  });
  return (
    <form {...formProps} className="grid gap-4">
      {problem ? <Banner tone="critical">{problem}</Banner> : null}
      <input type="hidden" name="organization_id" value={organization.id} />
      <Field label="Name" error={fields.name} hint="Where it is used, such as “Checkout service, production”.">
        <Input name="name" autoFocus maxLength={80} autoComplete="off" />
      </Field>
      <FieldSet legend="It may" error={fields.scopes}>
        {scopeWords.map(({ value, label, hint }) => (
          <CheckboxField key={value} name="scopes" value={value} defaultChecked={value === "ingest"} label={label} hint={hint} />
        ))}
      </FieldSet>
      <div className="grid gap-4 sm:grid-cols-2">
        <Field label="Team" error={fields.team_id}>
          <Select name="team_id" defaultValue="none" options={withNone("No team", teams)} />
        </Field>
        <Field label="Project" error={fields.project_id}>
          <Select name="project_id" defaultValue="none" options={withNone("No project", projects)} />
        </Field>
        <Field label="Environment" optional error={fields.environment}>
          <Input name="environment" maxLength={64} placeholder="production" autoComplete="off" />
        </Field>
        <Field label="Expires" error={fields.expires_at}>
          <Select name="expires_in_days" defaultValue="none" options={lifetimes} />
        </Field>
        <Field label="Kind" error={fields.kind}>
          <Select name="kind" defaultValue="live" options={kinds} />
        </Field>
      </div>
      <p className="text-muted text-xs">What the key sends counts for its team, project and environment unless an event names others.</p>
      <DialogFooter>
        <DialogClose asChild>
          <Button>Cancel</Button>
        </DialogClose>
        <Button type="submit" variant="primary" pending={pending}>
          Create key
        </Button>
      </DialogFooter>
    </form>
  );
}
