"use client";
import { useState } from "react";
import { ConfirmDialog } from "@/components/ui/confirm-dialog.tsx";
import { DangerRow } from "@/components/ui/danger-row.tsx";
import { deleteOrganization } from "@/lib/orgs/actions.ts";
import { useOrganization, usePermission } from "@/lib/orgs/hooks.ts";

/** Deletes everything, for owners, after the slug was typed. */
export function DeleteOrganization() {
  const { organization } = useOrganization();
  const mayDelete = usePermission("organization.delete");
  const [asking, setAsking] = useState(false);
  if (!mayDelete) return null;

  async function destroy() {
    const result = await deleteOrganization(organization.id, organization.slug);
    if (!result.ok) return result.error.message;
    location.assign("/auth/home");
    return undefined;
  }

  return (
    <>
      <DangerRow
        title="Delete the organization"
        text="All usage records, keys, teams, projects, members and the audit log are deleted. There is no way back."
        label="Delete…"
        onClick={() => setAsking(true)}
      />
      <ConfirmDialog
        open={asking}
        onOpenChange={setAsking}
        title={`Delete ${organization.name}?`}
        consequences={
          <>
            <p>Every API key of it stops working at once: applications that send usage here will be refused.</p>
            <p>
              All usage records, teams, projects, members, invitations and the audit log are deleted for good. Export first what you need to
              keep.
            </p>
          </>
        }
        typeToConfirm={organization.slug}
        confirmLabel="Delete for good"
        onConfirm={destroy}
      />
    </>
  );
}
