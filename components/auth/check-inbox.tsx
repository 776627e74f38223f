"use client";
import { MailCheck } from "lucide-react";
import { createContext, type ReactNode, useContext } from "react";

/** Address of the page that shows all mail of this installation, where there is no mail server; null where there is one. */
export const MailboxContext = createContext<string | null>(null);

/** After a mail was sent: where to look and what happens next. */
export function CheckInbox({ email, children }: { email: string; children: ReactNode }) {
  const mailbox = useContext(MailboxContext);
  return (
    <div role="status" className="grid gap-2">
      <MailCheck aria-hidden className="size-6 text-ok" />
      <p className="font-medium">
        Check the inbox of <span className="break-all">{email}</span>
      </p>
      <p className="text-muted">{children}</p>
      {mailbox ? (
        <p className="text-muted">
          This installation has no mail server:{" "}
          <a href={`${mailbox}?to=${encodeURIComponent(email)}`} className="link">
            open its mailbox
          </a>
          .
        </p>
      ) : (
        <p className="text-muted">Nothing there after a minute? Look into the spam folder, or reload this page and try again.</p>
      )}
    </div>
  );
}
