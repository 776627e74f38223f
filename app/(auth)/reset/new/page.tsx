import type { Metadata } from "next";
import { redirect } from "next/navigation";
import { AuthCard } from "@/components/auth/auth-card.tsx";
import { NewPasswordForm } from "@/components/auth/reset-forms.tsx";
import { currentUser } from "@/lib/supabase/server.ts";

export const metadata: Metadata = { title: "New password" };

export default async function NewPasswordPage() {
  const user = await currentUser();
  if (!user) redirect("/login?notice=link");
  return (
    <AuthCard title="Set a new password" description={<>For {user.email}</>}>
      <NewPasswordForm email={user.email} />
    </AuthCard>
  );
}
