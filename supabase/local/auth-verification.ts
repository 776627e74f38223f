import { createHash } from "node:crypto";
import type { Sql } from "postgres";

/** What GoTrue stores of a one-time code: hex SHA-256 of address and code. */
export function tokenHash(email: string, otp: string): string {
  return createHash("sha256")
    .update(email.toLowerCase() + otp)
    .digest("hex");
}

type Verification = { type?: unknown; email?: unknown; token?: unknown; token_hash?: unknown };

/**
 * lite refuses the types that Supabase documents (`email`, `invite`) and looks for each of the others in one column only.
 * GoTrue takes any of these wherever the token is, so the type lite is told follows from where we find it.
 */
export async function liteVerificationType(sql: Sql, asked: Verification): Promise<unknown> {
  const { type } = asked;
  if (typeof type !== "string" || !["email", "invite", "signup", "magiclink"].includes(type)) return type;
  const given = typeof asked.token_hash === "string" ? asked.token_hash : null;
  const computed = typeof asked.email === "string" && typeof asked.token === "string" ? tokenHash(asked.email, asked.token) : null;
  const [found] = await sql`select 1 from auth.users where confirmation_token = ${given ?? computed ?? ""} and confirmation_token <> ''`;
  return found ? "signup" : "magiclink";
}
