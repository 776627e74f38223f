import { AuthError } from "./auth-error.ts";
import { redirectTarget, type SendAuthMail } from "./auth-mailer.ts";
import type { AuthUser, AuthUsers } from "./auth-users.ts";
import { requestScope } from "./request-scope.ts";

type LinkRequest = { type?: string; email?: string; password?: string; data?: Record<string, unknown>; redirectTo?: string };
export type LinkIssuer = {
  generate(wanted: LinkRequest): Promise<Record<string, unknown>>;
  invite(wanted: LinkRequest): Promise<AuthUser>;
};

/** `admin.generateLink` (a link to hand over, no mail) and `admin.inviteUserByEmail` (the same by mail). */
export function linkIssuer(users: AuthUsers, sendMail: SendAuthMail, issuer: string, siteUrl: string): LinkIssuer {
  /** GoTrue turns a magic link for an unknown address into a sign-up. */
  const userFor = async ({ type, email, password, data }: LinkRequest): Promise<{ user: AuthUser; type: string }> => {
    if (!email) throw new AuthError(400, "validation_failed", "An email address is required");
    const known = await users.byEmail(email);
    if (type === "invite" || type === "signup") {
      if (known?.email_confirmed_at) throw new AuthError(422, "email_exists", "A user with this email address has already been registered");
      if (type === "signup" && !known && !password) throw new AuthError(400, "validation_failed", "Signup requires a valid password");
      return { user: known ?? (await users.create({ email, password, user_metadata: data, invited: type === "invite" })), type };
    }
    if (known) return { user: known, type: type ?? "" };
    if (type !== "magiclink") throw new AuthError(404, "user_not_found", "User with this email not found");
    return { user: await users.create({ email, user_metadata: data }), type: "signup" };
  };

  const issue = async (wanted: LinkRequest) => {
    if (!["signup", "invite", "magiclink", "recovery"].includes(wanted.type ?? "")) {
      throw new AuthError(400, "validation_failed", `Invalid email action link type requested: ${wanted.type}`);
    }
    const { user, type } = await userFor(wanted);
    const code = await users.issueCode(user, type === "signup" || type === "invite" ? "confirmation" : "recovery");
    return { user, type, ...code };
  };

  return {
    async generate(wanted) {
      const { user, type, otp, hash } = await issue(wanted);
      const redirectTo = redirectTarget(siteUrl, wanted.redirectTo);
      const link = `${issuer}/verify?token=${hash}&type=${type}&redirect_to=${encodeURIComponent(redirectTo)}`;
      return { ...user, action_link: link, email_otp: otp, hashed_token: hash, redirect_to: redirectTo, verification_type: type };
    },
    async invite(wanted) {
      const { user, otp, hash } = await issue({ ...wanted, type: "invite" });
      const scope = { headers: {}, redirectTo: wanted.redirectTo };
      await requestScope.run(scope, () => sendMail("invite", { to: user.email ?? "", token: hash, otp }));
      return (await users.byId(user.id)) ?? user;
    },
  };
}
