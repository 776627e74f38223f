"use client";
import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { Banner } from "@/components/ui/banner.tsx";
import { Button } from "@/components/ui/button.tsx";
import { Dialog, DialogClose, DialogContent, DialogFooter } from "@/components/ui/dialog.tsx";
import { Field } from "@/components/ui/field.tsx";
import { Select } from "@/components/ui/select.tsx";
import { useForm } from "@/components/ui/use-form.ts";
import { type NewSecret, rotateApiKey } from "@/lib/api-keys/actions.ts";
import { type ApiKey, apiKeysKey } from "@/lib/api-keys/queries.ts";
import { useOrganization } from "@/lib/orgs/hooks.ts";
import { SecretOnce } from "./secret-once.tsx";

const overlaps = [
  { value: "0", label: "Not at all", hint: "The old key stops at once." },
  { value: "3600", label: "1 hour" },
  { value: "86400", label: "1 day" },
  { value: "604800", label: "7 days" },
  { value: "2592000", label: "30 days" },
];

/** Gives a key a new secret while the old one goes on for a while. */
export function RotateKeyDialog({ apiKey, onClose }: { apiKey: ApiKey; onClose: () => void }) {
  const { organization } = useOrganization();
  const queryClient = useQueryClient();
  const [made, setMade] = useState<NewSecret>();
  const { formProps, pending, fields, problem } = useForm(rotateApiKey, (secret) => {
    void queryClient.invalidateQueries({ queryKey: apiKeysKey(organization.id) });
    setMade(secret);
  });
  return (
    <Dialog open onOpenChange={(open) => !open && onClose()}>
      {made ? (
        <SecretOnce secret={made} />
      ) : (
        <DialogContent title={`Rotate ${apiKey.name}`} description="It gets a new secret. Its scopes, its binding and its history stay.">
          <form {...formProps} className="grid gap-4">
            {problem ? <Banner tone="critical">{problem}</Banner> : null}
            <input type="hidden" name="organization_id" value={organization.id} />
            <input type="hidden" name="id" value={apiKey.id} />
            <input type="hidden" name="name" value={apiKey.name} />
            <Field label="The old key goes on working for" error={fields.overlap_seconds} hint="Long enough to replace it everywhere.">
              <Select name="overlap_seconds" defaultValue="86400" options={overlaps} />
            </Field>
            <DialogFooter>
              <DialogClose asChild>
                <Button>Cancel</Button>
              </DialogClose>
              <Button type="submit" variant="primary" pending={pending}>
                Rotate key
              </Button>
            </DialogFooter>
          </form>
        </DialogContent>
      )}
    </Dialog>
  );
}
