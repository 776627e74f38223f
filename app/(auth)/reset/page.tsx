import type { Metadata } from "next";
import Link from "next/link";
import { AuthCard } from "@/components/auth/auth-card.tsx";
import { RequestResetForm } from "@/components/auth/reset-forms.tsx";

export const metadata: Metadata = { title: "Reset password" };

export default function ResetPage() {
  return (
    <AuthCard
      title="Reset your password"
      description="We mail you a link to set a new one."
      footer={
        <Link href="/login" className="link">
          Back to sign-in
        </Link>
      }
    >
      <RequestResetForm />
    </AuthCard>
  );
}
