import type { Metadata } from "next";
import Link from "next/link";
import { AuthCard } from "@/components/auth/auth-card.tsx";
import { SignOutLink } from "@/components/auth/sign-out-link.tsx";
import { AcceptInvitation } from "@/components/members/accept-invitation.tsx";
import { Badge } from "@/components/ui/badge.tsx";
import { buttonStyles } from "@/components/ui/button.tsx";
import { type InvitationPreview, invitationPreview } from "@/lib/members/queries.ts";
import { roleLabel } from "@/lib/orgs/rules.ts";
import { createServerDb, currentUser } from "@/lib/supabase/server.ts";

// The address of this page is the secret: it is not passed on to anyone.
export const metadata: Metadata = { title: "Invitation", referrer: "no-referrer", robots: { index: false } };

const ended: Record<Exclude<InvitationPreview["state"], "pending">, string> = {
  accepted: "This invitation has been used. If it was you, sign in; otherwise ask for a new one.",
  revoked: "This invitation was taken back. Ask whoever invited you for a new one.",
  expired: "This invitation has expired. Ask whoever invited you for a new one.",
};

export default async function InvitationPage({ params }: { params: Promise<{ token: string }> }) {
  const { token } = await params;
  const [db, user] = [await createServerDb(), await currentUser()];
  const invitation = await invitationPreview(db, token);
  const next = encodeURIComponent(`/invite/${token}`);

  if (invitation?.state !== "pending") {
    return (
      <AuthCard
        title="This link does not work"
        description={invitation ? ended[invitation.state] : "It may be cut off: copy the whole link from the message."}
      >
        <Link href={user ? "/auth/home" : "/login"} className={buttonStyles({ size: "lg" })}>
          {user ? "Go to your organization" : "Sign in"}
        </Link>
      </AuthCard>
    );
  }
  return (
    <AuthCard
      title={`Join ${invitation.organization_name}`}
      description={
        <>
          You were invited as <Badge>{roleLabel(invitation.role)}</Badge> with the address{" "}
          <span className="break-all font-medium">{invitation.email_masked}</span>.
        </>
      }
      footer={
        user ? (
          <div className="flex flex-wrap justify-between gap-2">
            <span className="break-all">Signed in as {user.email}</span>
            <SignOutLink label="Use another account" />
          </div>
        ) : undefined
      }
    >
      {user ? (
        <AcceptInvitation token={token} organizationName={invitation.organization_name} />
      ) : (
        <>
          <Link href={`/signup?next=${next}`} className={buttonStyles({ variant: "primary", size: "lg" })}>
            Create an account and join
          </Link>
          <Link href={`/login?next=${next}`} className={buttonStyles({ size: "lg" })}>
            I have an account
          </Link>
        </>
      )}
    </AuthCard>
  );
}
