import { MailCheck } from "lucide-react";
import type { ReactNode } from "react";

/** After a mail was sent: where to look and what happens next. */
export function CheckInbox({ email, children }: { email: string; children: ReactNode }) {
  return (
    <div role="status" className="grid gap-2">
      <MailCheck aria-hidden className="size-6 text-ok" />
      <p className="font-medium">
        Check the inbox of <span className="break-all">{email}</span>
      </p>
      <p className="text-muted">{children}</p>
      <p className="text-muted">Nothing there after a minute? Look into the spam folder, or reload this page and try again.</p>
    </div>
  );
}
