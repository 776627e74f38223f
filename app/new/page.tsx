import type { Metadata } from "next";
import Link from "next/link";
import { AuthCard } from "@/components/auth/auth-card.tsx";
import { SignOutLink } from "@/components/auth/sign-out-link.tsx";
import { CreateOrganizationForm } from "@/components/orgs/create-organization-form.tsx";
import { ExploreDemoButton } from "@/components/orgs/explore-demo-button.tsx";
import { requireUser } from "@/lib/orgs/current.ts";
import { siteUrl } from "@/lib/supabase/settings.ts";

export const metadata: Metadata = { title: "New organization" };

export default async function NewOrganizationPage() {
  const { user, organizations } = await requireUser();
  const demo = organizations.find((entry) => entry.is_demo);
  const home = organizations.find((entry) => !entry.is_demo);
  return (
    <AuthCard
      title={home ? "New organization" : "Create your organization"}
      description="It holds your keys, your people and your numbers. Nobody outside it sees them."
      footer={
        <div className="flex flex-wrap justify-between gap-2">
          <span className="break-all">Signed in as {user.email}</span>
          {home ? (
            <Link href={`/${home.slug}/overview`} className="link">
              Back to {home.name}
            </Link>
          ) : (
            <SignOutLink />
          )}
        </div>
      }
    >
      <CreateOrganizationForm host={new URL(siteUrl()).host} />
      {demo ? (
        <p className="text-muted">
          Or go on exploring the{" "}
          <Link href={`/${demo.slug}/overview`} className="link">
            demo organization
          </Link>
          .
        </p>
      ) : (
        <section className="grid gap-2 border-border border-t pt-4" aria-labelledby="demo-title">
          <h2 id="demo-title" className="font-medium">
            Just looking?
          </h2>
          <p className="text-muted">The demo organization has 90 days of invented usage from several teams, providers and models.</p>
          <ExploreDemoButton />
        </section>
      )}
    </AuthCard>
  );
}
