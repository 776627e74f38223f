import type { Metadata } from "next";
import { InvitationsList } from "@/components/members/invitations-list.tsx";
import { InviteButton } from "@/components/members/invite-button.tsx";
import { MembersList } from "@/components/members/members-list.tsx";
import { NoPermission } from "@/components/ui/no-permission.tsx";
import { PageHeader, Section } from "@/components/ui/section.tsx";
import { listMembers, listOpenInvitations } from "@/lib/members/queries.ts";
import { organizationWith } from "@/lib/orgs/current.ts";

export const metadata: Metadata = { title: "Members" };

export default async function MembersPage({ params }: { params: Promise<{ org: string }> }) {
  const { organization, db, allowed } = await organizationWith((await params).org, "members.read");
  if (!allowed) return <NoPermission what="the list of members" />;
  const [members, invitations] = await Promise.all([listMembers(db, organization.id), listOpenInvitations(db, organization.id)]);
  return (
    <>
      <PageHeader title="Members" description="Who belongs to the organization, and what each may do." actions={<InviteButton />} />
      <Section>
        <MembersList initial={members} />
      </Section>
      <Section title="Invitations" description="Sent and not accepted yet.">
        <InvitationsList initial={invitations} />
      </Section>
    </>
  );
}
