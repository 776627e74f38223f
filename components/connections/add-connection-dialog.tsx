"use client";
import { useQueryClient } from "@tanstack/react-query";
import { useRef, useState } from "react";
import { Banner } from "@/components/ui/banner.tsx";
import { Button } from "@/components/ui/button.tsx";
import { Dialog, DialogContent, DialogFooter } from "@/components/ui/dialog.tsx";
import { Field } from "@/components/ui/field.tsx";
import { Input } from "@/components/ui/input.tsx";
import { Select } from "@/components/ui/select.tsx";
import { toast } from "@/components/ui/toast.tsx";
import { useForm } from "@/components/ui/use-form.ts";
import { connectProvider } from "@/lib/connections/actions.ts";
import { connectionsKey } from "@/lib/connections/queries.ts";
import { type Provider, providerNames, providers } from "@/lib/connections/schema.ts";
import { useOrganization } from "@/lib/orgs/hooks.ts";
import { ConnectionFields } from "./connection-fields.tsx";

const options = providers.map((value) => ({ value, label: providerNames[value] }));

/** Connects a provider: what is typed is tried against it first, and only what works is saved. */
export function AddConnectionDialog({ onClose }: { onClose: () => void }) {
  const { organization } = useOrganization();
  const queryClient = useQueryClient();
  const [provider, setProvider] = useState<Provider>("openai");
  const [works, setWorks] = useState(false);
  const intent = useRef("save");
  const { formProps, pending, fields, problem } = useForm(
    (form) => {
      setWorks(false);
      form.set("intent", intent.current);
      return connectProvider(form);
    },
    ({ saved }) => {
      if (!saved) return setWorks(true);
      void queryClient.invalidateQueries({ queryKey: connectionsKey(organization.id) });
      toast({ title: `${providerNames[provider]} is connected`, description: "The last 31 days are being fetched." });
      onClose();
    },
  );
  const send = (value: "save" | "test") => () => {
    intent.current = value;
  };
  return (
    <Dialog open onOpenChange={(open) => !open && onClose()}>
      <DialogContent
        title="Connect a provider"
        description="Its usage and costs are read every 15 minutes and laid beside what was tracked. Nothing is added to your totals by itself."
      >
        <form {...formProps} className="grid gap-4" onChange={() => setWorks(false)}>
          {problem ? (
            <Banner tone="critical" title="That does not work">
              {problem}
            </Banner>
          ) : null}
          {works ? <Banner tone="ok">{providerNames[provider]} answers: usage and costs can be read.</Banner> : null}
          <input type="hidden" name="organization_id" value={organization.id} />
          <div className="grid gap-4 sm:grid-cols-2">
            <Field label="Provider">
              <Select name="provider" value={provider} onValueChange={(value) => setProvider(value as Provider)} options={options} />
            </Field>
            <Field label="Name" error={fields.name}>
              <Input key={provider} name="name" defaultValue={providerNames[provider]} maxLength={80} autoComplete="off" />
            </Field>
          </div>
          <ConnectionFields provider={provider} errors={fields} />
          <p className="text-muted text-xs">
            The credential is sealed in the database's vault. Only the sync worker gets it; nobody is shown it again.
          </p>
          <DialogFooter>
            <Button type="submit" pending={pending && intent.current === "test"} onClick={send("test")}>
              Test
            </Button>
            <Button type="submit" variant="primary" pending={pending && intent.current === "save"} onClick={send("save")}>
              Test and connect
            </Button>
          </DialogFooter>
        </form>
      </DialogContent>
    </Dialog>
  );
}
