import type { Metadata } from "next";
import Link from "next/link";
import { AuthCard } from "@/components/auth/auth-card.tsx";
import { SignUpForm } from "@/components/auth/sign-up-form.tsx";
import { safeNext } from "@/lib/auth/rules.ts";

export const metadata: Metadata = { title: "Create an account" };

export default async function SignUpPage({ searchParams }: { searchParams: Promise<Record<string, string | string[] | undefined>> }) {
  const path = safeNext((await searchParams).next);
  return (
    <AuthCard
      title="Create an account"
      description={
        path?.startsWith("/invite/")
          ? "Use the e-mail address the invitation was sent to."
          : "Then an organization, a key, and your first event: about two minutes."
      }
      footer={
        <>
          Have an account?{" "}
          <Link href={path ? `/login?next=${encodeURIComponent(path)}` : "/login"} className="link">
            Sign in
          </Link>
        </>
      }
    >
      <SignUpForm next={path} />
    </AuthCard>
  );
}
