import type { Sql } from "postgres";
import { type AdminApi, isAdminPath } from "./auth-admin.ts";
import { AuthError } from "./auth-error.ts";
import { prepareOtp, repeatSignup, type SignupPolicy } from "./auth-signup.ts";
import { liteVerificationType } from "./auth-verification.ts";
import type { Exchange } from "./http-exchange.ts";
import type { LiteHandler } from "./lite-app.ts";
import { forwardToLite } from "./rest-api.ts";
import type { TokenKeys } from "./token-keys.ts";
import type { AuthenticationMethod, TokenMinting } from "./token-minting.ts";

export type AuthApiParts = { sql: Sql; keys: TokenKeys; tokens: TokenMinting; lite: LiteHandler; signup: SignupPolicy; admin: AdminApi };

const methodOfGrant: Record<string, AuthenticationMethod> = { password: "password", refresh_token: "token_refresh", pkce: "oauth" };

/** Auth: what lite lacks is answered here, the rest by lite, and every token is replaced by a complete one on its way out. */
export async function authApi(exchange: Exchange, parts: AuthApiParts): Promise<Response> {
  const path = exchange.url.pathname.slice("/auth/v1".length);
  try {
    if (path === "/.well-known/jwks.json") return jwks(parts.keys);
    if (isAdminPath(path)) return await parts.admin(exchange, path);
    const answered = await beforeLite(exchange, path, parts);
    if (answered instanceof Response) return answered;
    const reply = await forwardToLite(answered, parts.lite, parts.tokens);
    return await withOutwardTokens(reply, methodOf(exchange, path), parts.tokens);
  } catch (error) {
    if (error instanceof AuthError) return error.toResponse();
    throw error;
  }
}

function jwks(keys: TokenKeys): Response {
  return Response.json(keys.jwks, { headers: { "cache-control": "public, max-age=600" } });
}

/** Corrections on the way in: an answer of our own, or the request for lite. */
async function beforeLite(exchange: Exchange, path: string, { sql, signup }: AuthApiParts): Promise<Exchange | Response> {
  if (path === "/verify" && exchange.method === "GET") {
    const url = new URL(exchange.url);
    const type = await liteVerificationType(sql, { type: url.searchParams.get("type"), token_hash: url.searchParams.get("token") });
    if (typeof type === "string") url.searchParams.set("type", type);
    return { ...exchange, url };
  }
  if (exchange.method !== "POST") return exchange;
  const body = jsonObject(exchange.body);
  if (!body) return exchange;
  if (path === "/verify") {
    // No phone sign-in here: such a code can only be wrong, and lite would complain of the type instead.
    if (typeof body.phone === "string") throw new AuthError(403, "otp_expired", "Token has expired or is invalid");
    return { ...exchange, body: Buffer.from(JSON.stringify({ ...body, type: await liteVerificationType(sql, body) })) };
  }
  if (path === "/signup") return (await repeatSignup(signup, body, exchange)) ?? exchange;
  if (path === "/otp" || path === "/magiclink") await prepareOtp(signup, body);
  return exchange;
}

function jsonObject(body: Buffer): Record<string, unknown> | null {
  try {
    const parsed: unknown = JSON.parse(body.toString("utf8"));
    return parsed && typeof parsed === "object" && !Array.isArray(parsed) ? (parsed as Record<string, unknown>) : null;
  } catch {
    return null;
  }
}

function methodOf(exchange: Exchange, path: string): AuthenticationMethod {
  if (path === "/token") return methodOfGrant[exchange.url.searchParams.get("grant_type") ?? ""] ?? "password";
  return path === "/signup" ? "password" : "otp";
}

/** Tokens leave in a JSON body, or in the fragment that a verification link redirects to. */
async function withOutwardTokens(reply: Response, method: AuthenticationMethod, tokens: TokenMinting): Promise<Response> {
  const location = reply.headers.get("location");
  if (location?.includes("#access_token=")) {
    const [target = "", fragment] = location.split("#");
    const values = new URLSearchParams(fragment);
    values.set("access_token", await tokens.outward(values.get("access_token") ?? "", method));
    const headers = new Headers(reply.headers);
    headers.set("location", `${target}#${values}`);
    return new Response(null, { status: reply.status, headers });
  }
  if (!reply.ok || !reply.headers.get("content-type")?.includes("json")) return reply;
  const text = await reply.text();
  const body: unknown = text ? JSON.parse(text) : null;
  const inner = body && typeof body === "object" && "access_token" in body ? body.access_token : null;
  const out = typeof inner === "string" ? JSON.stringify({ ...(body as object), access_token: await tokens.outward(inner, method) }) : text;
  return new Response(out, { status: reply.status, headers: reply.headers });
}
