"use client";
import { useQueryClient } from "@tanstack/react-query";
import { Banner } from "@/components/ui/banner.tsx";
import { Button } from "@/components/ui/button.tsx";
import { Dialog, DialogClose, DialogContent, DialogFooter } from "@/components/ui/dialog.tsx";
import { toast } from "@/components/ui/toast.tsx";
import { useForm } from "@/components/ui/use-form.ts";
import { replaceCredential } from "@/lib/connections/actions.ts";
import { type Connection, connectionsKey } from "@/lib/connections/queries.ts";
import { useOrganization } from "@/lib/orgs/hooks.ts";
import { ConnectionFields } from "./connection-fields.tsx";

/** Rotation: a new credential takes the place of the old one once it works. */
export function ReplaceCredentialDialog({ connection, onClose }: { connection: Connection; onClose: () => void }) {
  const { organization } = useOrganization();
  const queryClient = useQueryClient();
  const { formProps, pending, fields, problem } = useForm(replaceCredential, () => {
    void queryClient.invalidateQueries({ queryKey: connectionsKey(organization.id) });
    toast({ title: `${connection.name} has a new credential` });
    onClose();
  });
  return (
    <Dialog open onOpenChange={(open) => !open && onClose()}>
      <DialogContent
        title={`Replace the credential of ${connection.name}`}
        description="The new one is tested first; then the old one is forgotten. What was fetched stays."
      >
        <form {...formProps} className="grid gap-4">
          {problem ? (
            <Banner tone="critical" title="That does not work">
              {problem}
            </Banner>
          ) : null}
          <input type="hidden" name="organization_id" value={organization.id} />
          <input type="hidden" name="id" value={connection.id} />
          <input type="hidden" name="provider" value={connection.provider} />
          <ConnectionFields provider={connection.provider} errors={fields} secretsOnly />
          <DialogFooter>
            <DialogClose asChild>
              <Button>Cancel</Button>
            </DialogClose>
            <Button type="submit" variant="primary" pending={pending}>
              Test and replace
            </Button>
          </DialogFooter>
        </form>
      </DialogContent>
    </Dialog>
  );
}
