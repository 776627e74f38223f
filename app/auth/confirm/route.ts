import type { EmailOtpType } from "@supabase/supabase-js";
import { redirect } from "next/navigation";
import type { NextRequest } from "next/server";
import { safeNext } from "@/lib/auth/rules.ts";
import { createServerDb } from "@/lib/supabase/server.ts";
import { siteUrl } from "@/lib/supabase/settings.ts";

const types: readonly string[] = ["signup", "invite", "magiclink", "recovery", "email_change", "email"] satisfies EmailOtpType[];

function isEmailType(type: string | null): type is EmailOtpType {
  return type !== null && types.includes(type);
}

/** The link in a mail lands here: its token becomes a session, then on to where the person was going. */
export async function GET(request: NextRequest): Promise<never> {
  const params = request.nextUrl.searchParams;
  const tokenHash = params.get("token_hash");
  const type = params.get("type");
  if (!tokenHash || !isEmailType(type)) redirect("/login?notice=link");
  const db = await createServerDb();
  const { error } = await db.auth.verifyOtp({ token_hash: tokenHash, type });
  if (error) redirect("/login?notice=link");
  redirect(type === "recovery" ? "/reset/new" : (safeNext(withoutOrigin(params.get("next"))) ?? "/auth/home"));
}

/** Mail templates write the target with our own origin in front. */
function withoutOrigin(next: string | null): string | null {
  return next?.startsWith(`${siteUrl()}/`) ? next.slice(siteUrl().length) : next;
}
