"use client";
import { useQueryClient } from "@tanstack/react-query";
import { useRouter } from "next/navigation";
import { useTransition } from "react";
import { Select } from "@/components/ui/select.tsx";
import { toast } from "@/components/ui/toast.tsx";
import { setMemberRole } from "@/lib/members/actions.ts";
import { type Member, membersKey } from "@/lib/members/queries.ts";
import { useOrganization } from "@/lib/orgs/hooks.ts";
import { roleLabel, roles } from "@/lib/orgs/rules.ts";

/** Changes a member's role at once; undo puts the old one back. */
export function MemberRole({ member }: { member: Member }) {
  const { organization, user } = useOrganization();
  const queryClient = useQueryClient();
  const router = useRouter();
  const [pending, startTransition] = useTransition();
  const name = member.name ?? member.email;

  function change(role: string, isUndo = false) {
    startTransition(async () => {
      const result = await setMemberRole(organization.id, member.user_id, role);
      await queryClient.invalidateQueries({ queryKey: membersKey(organization.id) });
      if (!result.ok) toast({ tone: "critical", title: "The role was not changed", description: result.error.message });
      else if (member.user_id === user.id) router.refresh();
      else
        toast({
          title: `${name} is now ${roleLabel(role)}`,
          action: isUndo ? undefined : { label: "Undo", onClick: () => change(member.role, true) },
        });
    });
  }

  return (
    <Select
      aria-label={`Role of ${name}`}
      className="w-32"
      value={member.role}
      disabled={pending}
      onValueChange={(role) => change(role)}
      options={roles.filter(({ value }) => value !== "owner" || organization.role === "owner")}
    />
  );
}
