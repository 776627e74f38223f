"use server";
import { z } from "zod";
import { done, failed, failedFields, type Result } from "../core/result.ts";
import { myOrganizations } from "../orgs/queries.ts";
import { createServerDb } from "../supabase/server.ts";
import { siteUrl } from "../supabase/settings.ts";
import { authSentence, PASSWORD_LENGTH, safeNext } from "./rules.ts";

type AuthFailure = { code?: string | undefined; status?: number | undefined };

const email = z.email({ error: "Enter an e-mail address, such as you@example.com." }).max(254);
const newPassword = z
  .string()
  .min(PASSWORD_LENGTH.min, `Take at least ${PASSWORD_LENGTH.min} characters.`)
  .max(PASSWORD_LENGTH.max, `Take at most ${PASSWORD_LENGTH.max} characters.`);

function refused(error: AuthFailure): Result<never> {
  const isKnown = error.status !== undefined && error.status >= 400 && error.status < 500;
  return failed(isKnown ? "unprocessable" : "unavailable", authSentence(error.code));
}

/** Where a person lands who just signed in: where they were going, else their first organization, else making one. */
async function landing(next: unknown): Promise<string> {
  const wanted = safeNext(next);
  if (wanted && wanted !== "/") return wanted;
  const organizations = await myOrganizations(await createServerDb()).catch(() => []);
  const home = organizations.find((entry) => !entry.is_demo) ?? organizations[0];
  return home ? `/${home.slug}/overview` : "/new";
}

/** Where the link in a mail leads after its token became a session. */
function linkTarget(next: unknown): string {
  return siteUrl() + (safeNext(next) ?? "/auth/home");
}

const SignIn = z.object({ email, password: z.string().min(1, "Enter your password.") });

export async function signIn(form: FormData): Promise<Result<{ to: string }>> {
  const input = SignIn.safeParse(Object.fromEntries(form));
  if (!input.success) return failedFields(input.error.issues);
  const db = await createServerDb();
  const { error } = await db.auth.signInWithPassword(input.data);
  return error ? refused(error) : done({ to: await landing(form.get("next")) });
}

const SignUp = z.object({
  name: z.string().trim().min(1, "Enter your name.").max(80, "At most 80 characters."),
  email,
  password: newPassword,
});

/** Makes an account. `to` is null when the address must be confirmed by the mailed link first. */
export async function signUp(form: FormData): Promise<Result<{ to: string | null; email: string }>> {
  const input = SignUp.safeParse(Object.fromEntries(form));
  if (!input.success) return failedFields(input.error.issues);
  const { name, email, password } = input.data;
  const db = await createServerDb();
  const { data, error } = await db.auth.signUp({
    email,
    password,
    options: { data: { name }, emailRedirectTo: linkTarget(form.get("next")) },
  });
  if (error) return refused(error);
  return done({ to: data.session ? await landing(form.get("next")) : null, email });
}

const EmailOnly = z.object({ email });

/** Mails a link that signs in. Says the same whether the address has an account or not. */
export async function sendSignInLink(form: FormData): Promise<Result<{ email: string }>> {
  const input = EmailOnly.safeParse(Object.fromEntries(form));
  if (!input.success) return failedFields(input.error.issues);
  const db = await createServerDb();
  const { error } = await db.auth.signInWithOtp({
    email: input.data.email,
    options: { shouldCreateUser: false, emailRedirectTo: linkTarget(form.get("next")) },
  });
  if (error && !isUnknownAddress(error)) return refused(error);
  return done({ email: input.data.email });
}

/** Mails a link to set a new password. Says the same whether the address has an account or not. */
export async function requestReset(form: FormData): Promise<Result<{ email: string }>> {
  const input = EmailOnly.safeParse(Object.fromEntries(form));
  if (!input.success) return failedFields(input.error.issues);
  const db = await createServerDb();
  const { error } = await db.auth.resetPasswordForEmail(input.data.email, { redirectTo: linkTarget("/reset/new") });
  if (error && !isUnknownAddress(error)) return refused(error);
  return done({ email: input.data.email });
}

function isUnknownAddress(error: AuthFailure): boolean {
  return error.code === "otp_disabled" || error.code === "user_not_found" || error.code === "signup_disabled";
}

const NewPassword = z.object({ password: newPassword });

export async function setNewPassword(form: FormData): Promise<Result<{ to: string }>> {
  const input = NewPassword.safeParse(Object.fromEntries(form));
  if (!input.success) return failedFields(input.error.issues);
  const db = await createServerDb();
  const { error } = await db.auth.updateUser(input.data);
  return error ? refused(error) : done({ to: await landing(null) });
}
