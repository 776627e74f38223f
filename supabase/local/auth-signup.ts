import { randomUUID } from "node:crypto";
import type { SendAuthMail } from "./auth-mailer.ts";
import { type AuthUsers, looksLikeEmail } from "./auth-users.ts";
import type { Exchange } from "./http-exchange.ts";
import { requestScope } from "./request-scope.ts";

export type SignupPolicy = {
  users: AuthUsers;
  sendMail: SendAuthMail;
  confirmations: boolean;
  signupEnabled: boolean;
  minimumPasswordLength: number;
};

/**
 * Signing up with a known address while addresses must be confirmed. lite answers 429; GoTrue mails a new link to somebody who
 * has not confirmed yet, and tells nobody that an address is taken: the reply looks like a new user's, without identities.
 */
export async function repeatSignup(policy: SignupPolicy, body: Record<string, unknown>, exchange: Exchange): Promise<Response | null> {
  if (!policy.confirmations || !policy.signupEnabled || typeof body.email !== "string") return null;
  const known = await policy.users.byEmail(body.email);
  if (!known || typeof body.password !== "string" || body.password.length < policy.minimumPasswordLength) return null;
  if (known.email_confirmed_at) {
    const now = new Date();
    const disguised = { ...known, id: randomUUID(), identities: [], email_confirmed_at: null, confirmed_at: null, last_sign_in_at: null };
    return Response.json({
      ...disguised,
      app_metadata: { provider: "email", providers: ["email"] },
      user_metadata: {},
      created_at: now,
      updated_at: now,
      confirmation_sent_at: now,
    });
  }
  await policy.users.setPassword(known.id, body.password);
  const { otp, hash } = await policy.users.issueCode(known, "confirmation");
  const scope = { headers: {}, redirectTo: exchange.url.searchParams.get("redirect_to") ?? undefined };
  await requestScope.run(scope, () => policy.sendMail("confirmation", { to: known.email ?? "", token: hash, otp }));
  return Response.json(await policy.users.byId(known.id));
}

/**
 * A sign-in link for an unknown address makes a user. lite calls that address confirmed before anybody opened the link,
 * opens a session and drops the user's `data`; made here beforehand, the user is confirmed by the link, as with GoTrue.
 */
export async function prepareOtp(policy: SignupPolicy, body: Record<string, unknown>): Promise<void> {
  const { email, data, create_user: create } = body;
  if (create === false || !policy.signupEnabled || typeof email !== "string" || !looksLikeEmail(email)) return;
  if (await policy.users.byEmail(email)) return;
  await policy.users.create({ email, user_metadata: data && typeof data === "object" ? (data as Record<string, unknown>) : {} });
}
