"use client";
import { UserPlus } from "lucide-react";
import { Button } from "@/components/ui/button.tsx";
import { useUrlState } from "@/components/ui/use-url-state.ts";
import { usePermission } from "@/lib/orgs/hooks.ts";
import { InviteDialog } from "./invite-dialog.tsx";

/** Opens the invitation dialog; `?invite=1` in the address does too. */
export function InviteButton() {
  const url = useUrlState();
  if (!usePermission("members.write")) return null;
  return (
    <>
      <Button variant="primary" onClick={() => url.set({ invite: "1" })}>
        <UserPlus aria-hidden />
        Invite
      </Button>
      <InviteDialog open={url.get("invite") === "1"} onOpenChange={(open) => url.set({ invite: open ? "1" : null })} />
    </>
  );
}
