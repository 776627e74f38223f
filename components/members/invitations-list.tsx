"use client";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { Status } from "@/components/ui/badge.tsx";
import { Button } from "@/components/ui/button.tsx";
import { ConfirmDialog } from "@/components/ui/confirm-dialog.tsx";
import { DataList } from "@/components/ui/data-list.tsx";
import { RelativeTime } from "@/components/ui/relative-time.tsx";
import { toast } from "@/components/ui/toast.tsx";
import { revokeInvitation } from "@/lib/members/actions.ts";
import { type Invitation, invitationsKey, listOpenInvitations } from "@/lib/members/queries.ts";
import { useOrganization, usePermission } from "@/lib/orgs/hooks.ts";
import { roleLabel, roles } from "@/lib/orgs/rules.ts";
import { useDb } from "@/lib/supabase/browser.ts";

export function InvitationsList({ initial }: { initial: Invitation[] }) {
  const { organization } = useOrganization();
  const mayWrite = usePermission("members.write");
  const db = useDb();
  const queryClient = useQueryClient();
  const key = invitationsKey(organization.id);
  const { data } = useQuery({ queryKey: key, queryFn: () => listOpenInvitations(db, organization.id), initialData: initial });
  const [revoking, setRevoking] = useState<Invitation>();
  const isExpired = ({ expires_at }: Invitation) => Date.parse(expires_at) <= Date.now();

  async function revoke(invitation: Invitation) {
    const result = await revokeInvitation(organization.id, invitation.id);
    if (!result.ok) return result.error.message;
    toast({ title: `The invitation of ${invitation.email} was taken back` });
    await queryClient.invalidateQueries({ queryKey: key });
    return undefined;
  }

  return (
    <>
      <DataList
        prefix="invitation_"
        rows={data}
        rowKey={({ id }) => id}
        label="Invitations"
        noun="invitations"
        empty={<p className="text-muted">Nobody is invited at the moment.</p>}
        facets={[{ id: "role", label: "Invited role", all: "Every role", options: roles, of: ({ role }) => role }]}
        columns={[
          { id: "email", header: "E-mail", text: ({ email }) => email },
          { id: "role", header: "Role", text: ({ role }) => roleLabel(role) },
          {
            id: "sent",
            header: "Invited",
            text: ({ created_at }) => created_at,
            cell: ({ created_at }) => <RelativeTime at={created_at} timeZone={organization.time_zone} />,
          },
          {
            id: "state",
            header: "State",
            text: (invitation) => (isExpired(invitation) ? "Expired" : "Waiting"),
            cell: (invitation) =>
              isExpired(invitation) ? (
                <Status tone="warning">Expired: invite again</Status>
              ) : (
                <Status tone="neutral">
                  <span>
                    Waiting, ends <RelativeTime at={invitation.expires_at} timeZone={organization.time_zone} />
                  </span>
                </Status>
              ),
          },
        ]}
        actions={
          mayWrite
            ? (invitation) => (
                <Button
                  size="sm"
                  variant="ghost"
                  onClick={() => setRevoking(invitation)}
                  aria-label={`Revoke the invitation of ${invitation.email}`}
                >
                  Revoke
                </Button>
              )
            : undefined
        }
      />
      {revoking ? (
        <ConfirmDialog
          open
          onOpenChange={() => setRevoking(undefined)}
          title={`Take back the invitation of ${revoking.email}?`}
          consequences={<p>Its link stops working at once. You can invite the address again at any time.</p>}
          confirmLabel="Take back"
          onConfirm={() => revoke(revoking)}
        />
      ) : null}
    </>
  );
}
