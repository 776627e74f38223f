"use client";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { LogOut, UserMinus } from "lucide-react";
import { useState } from "react";
import { Avatar } from "@/components/ui/avatar.tsx";
import { Badge } from "@/components/ui/badge.tsx";
import { ConfirmDialog } from "@/components/ui/confirm-dialog.tsx";
import { type Column, DataList } from "@/components/ui/data-list.tsx";
import { DropdownMenuItem } from "@/components/ui/dropdown-menu.tsx";
import { RelativeTime } from "@/components/ui/relative-time.tsx";
import { RowMenu } from "@/components/ui/row-menu.tsx";
import { toast } from "@/components/ui/toast.tsx";
import { formatDateTime } from "@/lib/core/time.ts";
import { removeMember } from "@/lib/members/actions.ts";
import { listMembers, type Member, membersKey } from "@/lib/members/queries.ts";
import { useOrganization, usePermission } from "@/lib/orgs/hooks.ts";
import { roleLabel, roles } from "@/lib/orgs/rules.ts";
import { useDb } from "@/lib/supabase/browser.ts";
import { MemberRole } from "./member-role.tsx";

export function MembersList({ initial }: { initial: Member[] }) {
  const { organization, user } = useOrganization();
  const mayWrite = usePermission("members.write");
  const db = useDb();
  const queryClient = useQueryClient();
  const key = membersKey(organization.id);
  const { data: members } = useQuery({ queryKey: key, queryFn: () => listMembers(db, organization.id), initialData: initial });
  const [leaving, setLeaving] = useState<Member>();
  const owners = members.filter(({ role }) => role === "owner").length;
  const mayTouch = (member: Member) => mayWrite && (member.role !== "owner" || organization.role === "owner");

  async function remove(member: Member) {
    const result = await removeMember(organization.id, member.user_id);
    if (!result.ok) return result.error.message;
    if (member.user_id === user.id) {
      location.assign("/auth/home");
      return undefined;
    }
    toast({ title: `${member.name ?? member.email} was removed` });
    await queryClient.invalidateQueries({ queryKey: key });
    return undefined;
  }

  const columns: Column<Member>[] = [
    {
      id: "name",
      header: "Name",
      text: ({ name, email }) => name ?? email,
      cell: (member) => <MemberName member={member} isMe={member.user_id === user.id} />,
    },
    { id: "email", header: "E-mail", text: ({ email }) => email },
    {
      id: "role",
      header: "Role",
      text: ({ role }) => roleLabel(role),
      cell: (member) =>
        mayTouch(member) && !(member.role === "owner" && owners === 1) ? (
          <MemberRole member={member} />
        ) : (
          <RoleWord member={member} isOnlyOwner={owners === 1} />
        ),
    },
    {
      id: "joined",
      header: "Joined",
      text: ({ joined_at }) => joined_at,
      cell: ({ joined_at }) => <RelativeTime at={joined_at} timeZone={organization.time_zone} />,
    },
    {
      id: "seen",
      header: "Last sign-in",
      text: ({ last_sign_in_at }) => (last_sign_in_at ? formatDateTime(last_sign_in_at, organization.time_zone) : ""),
      cell: ({ last_sign_in_at }) =>
        last_sign_in_at ? (
          <RelativeTime at={last_sign_in_at} timeZone={organization.time_zone} />
        ) : (
          <span className="text-muted">never</span>
        ),
    },
  ];

  return (
    <>
      <DataList
        rows={members}
        rowKey={({ user_id }) => user_id}
        columns={columns}
        facets={[{ id: "role", label: "Role", all: "Every role", options: roles, of: ({ role }) => role }]}
        label="Members"
        noun="members"
        empty={null}
        actions={(member) => {
          const isMe = member.user_id === user.id;
          if (!isMe && !mayTouch(member)) return null;
          return (
            <RowMenu label={`Actions for ${member.name ?? member.email}`}>
              <DropdownMenuItem danger onSelect={() => setLeaving(member)}>
                {isMe ? <LogOut aria-hidden /> : <UserMinus aria-hidden />}
                {isMe ? "Leave the organization" : "Remove from the organization"}
              </DropdownMenuItem>
            </RowMenu>
          );
        }}
      />
      {leaving ? (
        <ConfirmDialog
          open
          onOpenChange={() => setLeaving(undefined)}
          title={leaving.user_id === user.id ? `Leave ${organization.name}?` : `Remove ${leaving.name ?? leaving.email}?`}
          consequences={
            leaving.user_id === user.id ? (
              <p>You lose access at once. To come back you need a new invitation.</p>
            ) : (
              <p>
                {leaving.email} loses access at once, on every open page, and leaves all teams here. API keys they made go on working:
                revoke those separately.
              </p>
            )
          }
          confirmLabel={leaving.user_id === user.id ? "Leave" : "Remove"}
          onConfirm={() => remove(leaving)}
        />
      ) : null}
    </>
  );
}

function MemberName({ member, isMe }: { member: Member; isMe: boolean }) {
  const name = member.name ?? member.email;
  return (
    <span className="flex min-w-40 max-w-72 items-center gap-2">
      <Avatar name={name} />
      <span className="truncate font-medium" dir="auto" title={name}>
        {name}
      </span>
      {isMe ? <Badge>You</Badge> : null}
    </span>
  );
}

function RoleWord({ member, isOnlyOwner }: { member: Member; isOnlyOwner: boolean }) {
  return (
    <span className="whitespace-nowrap">
      {roleLabel(member.role)}
      {member.role === "owner" && isOnlyOwner ? <span className="text-muted text-xs"> · the only one</span> : null}
    </span>
  );
}
