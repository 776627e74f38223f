import type { ReactNode } from "react";
import { MailboxProvider } from "@/components/auth/mailbox-provider.tsx";
import { mailboxUrl } from "@/lib/supabase/settings.ts";

export default function AuthLayout({ children }: { children: ReactNode }) {
  return <MailboxProvider url={mailboxUrl()}>{children}</MailboxProvider>;
}
