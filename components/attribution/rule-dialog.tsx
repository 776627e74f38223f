"use client";
import { useQueryClient } from "@tanstack/react-query";
import { useRef } from "react";
import { Banner } from "@/components/ui/banner.tsx";
import { Button } from "@/components/ui/button.tsx";
import { Dialog, DialogClose, DialogContent, DialogFooter } from "@/components/ui/dialog.tsx";
import { Field } from "@/components/ui/field.tsx";
import { Input } from "@/components/ui/input.tsx";
import { Select } from "@/components/ui/select.tsx";
import { toast } from "@/components/ui/toast.tsx";
import { useForm } from "@/components/ui/use-form.ts";
import { saveAttributionRule } from "@/lib/attribution/actions.ts";
import { type AttributionRule, attributionRulesKey } from "@/lib/attribution/queries.ts";
import { useOrganization } from "@/lib/orgs/hooks.ts";
import { DraftPreview } from "./draft-preview.tsx";

export type Named = { id: string; name: string };
export type RuleTargets = { teams: readonly Named[]; projects: readonly Named[]; apiKeys: readonly Named[] };

type RuleDialogProps = RuleTargets & { rule?: AttributionRule | undefined; nextPosition: number; onClose: () => void };

const lists = [
  { field: "feature", label: "Feature", placeholder: "chat, search-*" },
  { field: "model", label: "Model", placeholder: "gpt-4o*" },
  { field: "environment", label: "Environment", placeholder: "production" },
  { field: "end_user", label: "End user", placeholder: "customer-42, internal:*" },
  { field: "provider", label: "Provider", placeholder: "openai" },
] as const;

const optional = (none: string, things: readonly Named[]) => [
  { value: "none", label: none },
  ...things.map(({ id, name }) => ({ value: id, label: name })),
];

/** Makes a rule, or changes the one given. */
export function RuleDialog(props: RuleDialogProps) {
  return (
    <Dialog open onOpenChange={(open) => !open && props.onClose()}>
      <DialogContent
        title={props.rule ? "Change rule" : "Create rule"}
        description="Usage that meets every condition, and that neither the sender nor its API key has attributed, belongs to this team or project."
      >
        <RuleForm {...props} />
      </DialogContent>
    </Dialog>
  );
}

function RuleForm({ rule, nextPosition, teams, projects, apiKeys, onClose }: RuleDialogProps) {
  const { organization } = useOrganization();
  const queryClient = useQueryClient();
  const form = useRef<HTMLFormElement>(null);
  const { formProps, pending, fields, problem } = useForm(saveAttributionRule, () => {
    void queryClient.invalidateQueries({ queryKey: attributionRulesKey(organization.id) });
    toast({ title: rule ? "Rule changed" : "Rule created", description: "It holds for what arrives from now on." });
    onClose();
  });
  const conditions = rule?.conditions ?? {};
  return (
    <form {...formProps} ref={form} className="grid gap-4">
      {problem ? <Banner tone="critical">{problem}</Banner> : null}
      <input type="hidden" name="organization_id" value={organization.id} />
      <input type="hidden" name="id" value={rule?.id ?? ""} />
      <div className="grid items-start gap-4 sm:grid-cols-[1fr_7rem]">
        <Field label="Name" error={fields.name}>
          <Input name="name" defaultValue={rule?.name} placeholder="Search belongs to Platform" autoComplete="off" />
        </Field>
        <Field label="Order" error={fields.position} hint="Lowest first.">
          <Input name="position" inputMode="numeric" defaultValue={rule?.position ?? nextPosition} />
        </Field>
      </div>
      <p className="text-muted text-xs">
        Separate several values with commas; one of them is enough. A <code>*</code> at the end stands for anything. Leave empty what does
        not matter.
      </p>
      <div className="grid gap-4 sm:grid-cols-2">
        {lists.map(({ field, label, placeholder }) => (
          <Field key={field} label={label} error={fields[field]}>
            <Input
              name={field}
              defaultValue={conditions[field]?.join(", ")}
              placeholder={placeholder}
              autoComplete="off"
              spellCheck={false}
            />
          </Field>
        ))}
        <Field label="Tags" error={fields.tags}>
          <Input
            name="tags"
            defaultValue={Object.entries(conditions.tags ?? {})
              .map(([name, value]) => `${name}=${value}`)
              .join(", ")}
            placeholder="tier=gold"
            autoComplete="off"
            spellCheck={false}
          />
        </Field>
        <Field label="API key" error={fields.api_key}>
          <Select
            name="api_key"
            defaultValue={conditions.api_key?.join(",") ?? " "}
            options={[{ value: " ", label: "Any key" }, ...keyOptions(conditions.api_key, apiKeys)]}
          />
        </Field>
      </div>
      <div className="grid gap-4 sm:grid-cols-2">
        <Field label="Belongs to team" error={fields.team_id}>
          <Select name="team_id" defaultValue={rule?.team_id ?? "none"} options={optional("The project's team", teams)} />
        </Field>
        <Field label="Belongs to project" error={fields.project_id}>
          <Select name="project_id" defaultValue={rule?.project_id ?? "none"} options={optional("No project", projects)} />
        </Field>
      </div>
      <DraftPreview form={form} />
      <DialogFooter>
        <DialogClose asChild>
          <Button>Cancel</Button>
        </DialogClose>
        <Button type="submit" variant="primary" pending={pending}>
          {rule ? "Save" : "Create rule"}
        </Button>
      </DialogFooter>
    </form>
  );
}

/** The keys one may choose; a rule that names several (made through the API) keeps them as one choice. */
function keyOptions(chosen: readonly string[] | undefined, apiKeys: readonly Named[]) {
  const single = apiKeys.map(({ id, name }) => ({ value: id, label: name }));
  if (!chosen || (chosen.length === 1 && apiKeys.some(({ id }) => id === chosen[0]))) return single;
  const names = chosen.map((id) => apiKeys.find((key) => key.id === id)?.name ?? "a deleted key");
  return [{ value: chosen.join(","), label: names.join(" or ") }, ...single];
}
