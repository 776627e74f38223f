"use client";
import { useState } from "react";
import { Button } from "@/components/ui/button.tsx";
import { ConfirmDialog } from "@/components/ui/confirm-dialog.tsx";
import { Section } from "@/components/ui/section.tsx";
import { removeMember } from "@/lib/members/actions.ts";
import { deleteOrganization } from "@/lib/orgs/actions.ts";
import { useOrganization, usePermission } from "@/lib/orgs/hooks.ts";

/** The ways out: leaving, and for owners deleting everything. */
export function DangerZone() {
  const { organization, user } = useOrganization();
  const mayDelete = usePermission("organization.delete");
  const [asking, setAsking] = useState<"leave" | "delete" | null>(null);

  async function leave() {
    const result = await removeMember(organization.id, user.id);
    if (!result.ok) return result.error.message;
    location.assign("/auth/home");
    return undefined;
  }
  async function destroy() {
    const result = await deleteOrganization(organization.id, organization.slug);
    if (!result.ok) return result.error.message;
    location.assign("/auth/home");
    return undefined;
  }

  return (
    <Section title="Danger zone">
      <ul className="grid divide-y divide-border rounded-md border border-critical/30">
        <Way
          title="Leave the organization"
          text="You lose access at once. To come back you need a new invitation."
          label="Leave…"
          onClick={() => setAsking("leave")}
        />
        {mayDelete ? (
          <Way
            title="Delete the organization"
            text="All usage records, keys, teams, projects, members and the audit log are deleted. There is no way back."
            label="Delete…"
            onClick={() => setAsking("delete")}
          />
        ) : null}
      </ul>
      <ConfirmDialog
        open={asking === "leave"}
        onOpenChange={() => setAsking(null)}
        title={`Leave ${organization.name}?`}
        consequences={<p>You lose access at once. API keys you made go on working.</p>}
        confirmLabel="Leave"
        onConfirm={leave}
      />
      <ConfirmDialog
        open={asking === "delete"}
        onOpenChange={() => setAsking(null)}
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
    </Section>
  );
}

function Way({ title, text, label, onClick }: { title: string; text: string; label: string; onClick: () => void }) {
  return (
    <li className="flex flex-wrap items-center justify-between gap-3 px-4 py-3">
      <div className="min-w-0 flex-1 basis-60">
        <h3 className="font-medium">{title}</h3>
        <p className="text-muted">{text}</p>
      </div>
      <Button onClick={onClick} className="text-critical">
        {label}
      </Button>
    </li>
  );
}
