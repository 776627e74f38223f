"use client";
import { useState } from "react";
import { ConfirmDialog } from "@/components/ui/confirm-dialog.tsx";
import { DangerRow } from "@/components/ui/danger-row.tsx";
import { removeMember } from "@/lib/members/actions.ts";
import { useOrganization } from "@/lib/orgs/hooks.ts";

/** The way out, open to every role. */
export function LeaveOrganization() {
  const { organization, user } = useOrganization();
  const [asking, setAsking] = useState(false);

  async function leave() {
    const result = await removeMember(organization.id, user.id);
    if (!result.ok) return result.error.message;
    location.assign("/auth/home");
    return undefined;
  }

  return (
    <>
      <DangerRow
        title="Leave the organization"
        text="You lose access at once. To come back you need a new invitation."
        label="Leave…"
        onClick={() => setAsking(true)}
      />
      <ConfirmDialog
        open={asking}
        onOpenChange={setAsking}
        title={`Leave ${organization.name}?`}
        consequences={<p>You lose access at once. API keys you made go on working.</p>}
        confirmLabel="Leave"
        onConfirm={leave}
      />
    </>
  );
}
