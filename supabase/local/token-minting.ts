import { decodeJwt, SignJWT } from "jose";
import type { JSONValue, Sql } from "postgres";
import { AuthError } from "./auth-error.ts";
import { BoundedCache } from "./bounded-cache.ts";
import type { Claims, TokenKeys } from "./token-keys.ts";

/** How a session was begun, in GoTrue's words. */
export type AuthenticationMethod = "password" | "otp" | "oauth" | "token_refresh";

export type TokenMinting = {
  /** The token clients get for a token of lite's: all of GoTrue's claims, through the project's hook, signed ES256. */
  outward(innerToken: string, method: AuthenticationMethod): Promise<string>;
  /** The token lite gets for a client's: same claims, HS256. Rejects when the client's is not valid. */
  inward(token: string): Promise<string>;
};

type HookReply = { claims?: Claims; error?: { http_code?: number; message?: string } };

export function createTokenMinting(keys: TokenKeys, sql: Sql, issuer: string): TokenMinting {
  const swapped = new BoundedCache<string>(5000);
  return {
    async outward(innerToken, method) {
      const claims = await runHook(sql, await fullClaims(sql, decodeJwt(innerToken), method, issuer), method);
      return new SignJWT(claims).setProtectedHeader({ alg: "ES256", typ: "JWT", kid: keys.keyId }).sign(keys.signingKey);
    },
    async inward(token) {
      const claims = await keys.verify(token);
      const known = swapped.get(token);
      if (known) return known;
      const inner = await new SignJWT({ ...claims, role: claims.role ?? "anon" })
        .setProtectedHeader({ alg: "HS256", typ: "JWT" })
        .sign(keys.innerKey);
      swapped.set(token, inner);
      return inner;
    },
  };
}

/** lite's tokens carry sub, aud, role, email and session_id only; policies and clients rely on the rest. */
async function fullClaims(sql: Sql, inner: Claims, method: AuthenticationMethod, issuer: string): Promise<Claims> {
  const [user] = await sql`
    select raw_app_meta_data as app, raw_user_meta_data as own, is_anonymous, coalesce(phone, '') as phone,
           coalesce(banned_until > now(), false) or deleted_at is not null as shut_out
      from auth.users where id = ${inner.sub ?? null}`;
  if (user?.shut_out) throw new AuthError(400, "user_banned", "User is banned");
  return {
    iss: issuer,
    ...inner,
    phone: user?.phone ?? "",
    app_metadata: user?.app ?? {},
    user_metadata: user?.own ?? {},
    aal: "aal1",
    amr: await authenticationMethods(sql, inner.session_id ?? null, method),
    is_anonymous: user?.is_anonymous ?? false,
  };
}

/** A refreshed token still says how its session began, so that is kept with the session. Times in Unix seconds. */
async function authenticationMethods(sql: Sql, sessionId: string | null, method: AuthenticationMethod) {
  if (sessionId && method !== "token_refresh") {
    await sql`
      insert into auth.mfa_amr_claims (session_id, authentication_method)
      select id, ${method} from auth.sessions where id = ${sessionId}
      on conflict (session_id, authentication_method) do update set updated_at = now()`;
  }
  return sql<{ method: string; timestamp: number }[]>`
    select authentication_method as method, extract(epoch from updated_at)::int as timestamp
      from auth.mfa_amr_claims where session_id = ${sessionId} order by updated_at desc`;
}

/** Runs `public.custom_access_token_hook(event jsonb)` as the Auth role, when the project has one. */
async function runHook(sql: Sql, claims: Claims, method: AuthenticationMethod): Promise<Claims> {
  const [hook] = await sql`select to_regprocedure('public.custom_access_token_hook(jsonb)') is not null as present`;
  if (!hook?.present) return claims;
  const event = { user_id: claims.sub, claims, authentication_method: method } as unknown as JSONValue;
  const reply = await sql
    .begin(async (tx) => {
      await tx`set local role supabase_auth_admin`;
      const [row] = await tx<{ reply: HookReply | null }[]>`select public.custom_access_token_hook(${tx.json(event)}) as reply`;
      return row?.reply ?? null;
    })
    .catch((error: unknown) => {
      throw new AuthError(500, "unexpected_failure", `Error running hook: ${error instanceof Error ? error.message : String(error)}`);
    });
  if (reply?.error) throw new AuthError(reply.error.http_code ?? 500, "unexpected_failure", reply.error.message ?? "Error running hook");
  if (!reply?.claims) throw new AuthError(500, "hook_payload_invalid_content_type", "The hook returned no claims.");
  return reply.claims;
}
