import type { App } from "@supabase/lite";
import type { MailKind, WriteMail } from "./mail-templates.ts";
import type { Mailbox } from "./mailbox.ts";
import { requestScope } from "./request-scope.ts";

type LiteMailer = NonNullable<App["_mailer"]>;
export type SendAuthMail = (
  kind: MailKind,
  mail: { to: string; token: string; otp: string; email?: string; newEmail?: string },
) => Promise<void>;

/**
 * lite's own mailer always redirects to the site's start page, whatever `emailRedirectTo` asked for, and links to the API.
 * This one takes the address of the request it is sent for, when it stays on the site.
 */
export function authMailSender(mailbox: Mailbox, write: WriteMail, siteUrl: string): SendAuthMail {
  return async (kind, { to, token, otp, email, newEmail }) => {
    const values = {
      Email: email ?? to,
      NewEmail: newEmail,
      Token: otp,
      TokenHash: token,
      SiteURL: siteUrl,
      RedirectTo: redirectTarget(siteUrl),
    };
    mailbox.deliver(await write(kind, to, values));
  };
}

export function liteMailer(send: SendAuthMail): LiteMailer {
  return {
    sendConfirmation: (to, token, otp) => send("confirmation", { to, token, otp }),
    sendRecovery: (to, token, otp) => send("recovery", { to, token, otp }),
    sendMagicLink: (to, token, otp) => send("magic_link", { to, token, otp }),
    sendEmailChange: (to, token, otp, meta) =>
      send("email_change", { to, token, otp, email: meta?.currentEmail, newEmail: meta?.newEmail }),
    sendReauthentication: (to, otp, meta) => send("reauthentication", { to, token: meta?.tokenHash ?? "", otp }),
  };
}

/** Where the reader of a mail ends up: what the request asked for if it is on the site, else the site itself. */
export function redirectTarget(siteUrl: string, asked = requestScope.getStore()?.redirectTo): string {
  if (!asked) return siteUrl;
  try {
    return new URL(asked).origin === new URL(siteUrl).origin ? asked : siteUrl;
  } catch {
    return siteUrl;
  }
}
