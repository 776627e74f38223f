"use client";
import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { Banner } from "@/components/ui/banner.tsx";
import { Button } from "@/components/ui/button.tsx";
import { Dialog, DialogClose, DialogContent, DialogFooter } from "@/components/ui/dialog.tsx";
import { Field } from "@/components/ui/field.tsx";
import { Input } from "@/components/ui/input.tsx";
import { SecretLine } from "@/components/ui/secret-line.tsx";
import { Select } from "@/components/ui/select.tsx";
import { useForm } from "@/components/ui/use-form.ts";
import { formatDate } from "@/lib/core/time.ts";
import { inviteMember, type NewInvitation } from "@/lib/members/actions.ts";
import { invitationsKey } from "@/lib/members/queries.ts";
import { useOrganization } from "@/lib/orgs/hooks.ts";
import { roles } from "@/lib/orgs/rules.ts";

/** Invites somebody, then shows the link, once. */
export function InviteDialog({ open, onOpenChange }: { open: boolean; onOpenChange: (open: boolean) => void }) {
  const [made, setMade] = useState<NewInvitation>();
  return (
    <Dialog
      open={open}
      onOpenChange={(next) => {
        onOpenChange(next);
        if (!next) setMade(undefined);
      }}
    >
      {made ? <InvitationMade invitation={made} onAnother={() => setMade(undefined)} /> : <InviteForm onMade={setMade} />}
    </Dialog>
  );
}

function InviteForm({ onMade }: { onMade: (invitation: NewInvitation) => void }) {
  const { organization } = useOrganization();
  const queryClient = useQueryClient();
  const { formProps, pending, fields, problem } = useForm(inviteMember, (invitation) => {
    void queryClient.invalidateQueries({ queryKey: invitationsKey(organization.id) });
    onMade(invitation);
  });
  const offered = roles.filter(({ value }) => value !== "owner" || organization.role === "owner");
  return (
    <DialogContent title="Invite a member" description="They join with this e-mail address, by a link that works once, for seven days.">
      <form {...formProps} className="grid gap-4">
        {problem ? <Banner tone="critical">{problem}</Banner> : null}
        <input type="hidden" name="organization_id" value={organization.id} />
        <Field label="E-mail" error={fields.email}>
          <Input name="email" type="email" autoFocus autoComplete="off" spellCheck={false} />
        </Field>
        <Field label="Role" error={fields.role}>
          <Select name="role" defaultValue="member" options={offered} />
        </Field>
        <DialogFooter>
          <DialogClose asChild>
            <Button>Cancel</Button>
          </DialogClose>
          <Button type="submit" variant="primary" pending={pending}>
            Create invitation
          </Button>
        </DialogFooter>
      </form>
    </DialogContent>
  );
}

function InvitationMade({ invitation, onAnother }: { invitation: NewInvitation; onAnother: () => void }) {
  const { organization } = useOrganization();
  return (
    <DialogContent
      title="Send this link"
      dismissible={false}
      description={<>To {invitation.email}, by a way you trust. It is shown only now.</>}
    >
      <SecretLine text={invitation.link} label="Copy link" testId="invitation-link" />
      <p className="mt-2 text-muted text-xs">
        Works until {formatDate(invitation.expires_at, organization.time_zone)}, for that address only.
      </p>
      <DialogFooter>
        <Button onClick={onAnother}>Invite another</Button>
        <DialogClose asChild>
          <Button variant="primary">Done</Button>
        </DialogClose>
      </DialogFooter>
    </DialogContent>
  );
}
