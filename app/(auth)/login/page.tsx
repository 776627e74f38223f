import type { Metadata } from "next";
import Link from "next/link";
import { AuthCard } from "@/components/auth/auth-card.tsx";
import { SignInForm } from "@/components/auth/sign-in-form.tsx";
import { Banner } from "@/components/ui/banner.tsx";
import { safeNext } from "@/lib/auth/rules.ts";

export const metadata: Metadata = { title: "Sign in" };

export default async function LoginPage({ searchParams }: { searchParams: Promise<Record<string, string | string[] | undefined>> }) {
  const { next, notice } = await searchParams;
  const path = safeNext(next);
  return (
    <AuthCard
      title="Sign in"
      footer={
        <>
          New here?{" "}
          <Link href={path ? `/signup?next=${encodeURIComponent(path)}` : "/signup"} className="link">
            Create an account
          </Link>
        </>
      }
    >
      {notice === "link" ? (
        <Banner tone="warning">That link was used already or has expired. Sign in, or have a new one sent.</Banner>
      ) : null}
      <SignInForm next={path} />
    </AuthCard>
  );
}
