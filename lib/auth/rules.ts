/** Where to go after signing in: a path of this product, or null. Anything that could lead to another site is refused. */
export function safeNext(value: unknown): string | null {
  if (typeof value !== "string" || !value.startsWith("/") || value.length > 2000) return null;
  const base = "http://here.invalid";
  const url = URL.parse(value, base);
  if (!url || url.origin !== base || url.pathname.startsWith("//") || url.pathname.startsWith("/auth/")) return null;
  return url.pathname + url.search + url.hash;
}

export const PASSWORD_LENGTH = { min: 10, max: 72 } as const;

/** What to tell a person about a refusal of the sign-in service, by its code. */
const sentences: Record<string, string> = {
  invalid_credentials: "E-mail or password is wrong. Check both, or have a sign-in link sent to you.",
  email_not_confirmed: "Confirm your e-mail address first: open the link in the mail we sent you, or have a sign-in link sent.",
  user_already_exists: "There is an account with this address already. Sign in instead, or reset the password.",
  email_exists: "There is an account with this address already. Sign in instead, or reset the password.",
  weak_password: "This password is too easy to guess. Take a longer one.",
  same_password: "This is the password you have now. Choose another one.",
  email_address_invalid: "This does not look like an e-mail address that can receive mail.",
  over_email_send_rate_limit: "Too many mails were asked for. Wait a minute and try again.",
  over_request_rate_limit: "Too many attempts. Wait a minute and try again.",
  signup_disabled: "New accounts are switched off here. Ask whoever runs this installation.",
  otp_expired: "This link was used or has expired. Have a new one sent.",
  session_not_found: "Your session has ended. Sign in again.",
};

export function authSentence(code: string | undefined): string {
  return sentences[code ?? ""] ?? "Signing in does not work at the moment. Try again shortly.";
}
