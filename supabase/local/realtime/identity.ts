// Who speaks on a channel: the bearer of a verified user token, or the role behind an API key.

/** Claims of a verified token; `exp` in seconds since 1970. */
export type Claims = Record<string, unknown> & { role: string; exp: number; sub?: string };

export type Identity = {
  claims: Claims;
  /** Headers of the upgrade request, for policies that read request.headers. */
  headers: Record<string, string>;
};

type KeyRole = "anon" | "service_role";

export type TokenChecks = {
  /** Resolves to the claims of a valid token, throws otherwise (jose's error codes tell an expired one). */
  verifyToken: (token: string) => Promise<Record<string, unknown>>;
  roleOfKey: (key: string) => KeyRole | null;
  /** Whether the gateway's login role may become this database role. */
  isAssignableRole: (role: string) => Promise<boolean>;
};

/** A refusal the client is told, as `<Code>: <sentence>`. */
export class Refusal extends Error {}

/** An opaque key has no expiry of its own; a century is later than any process. */
const NEVER = 4_102_444_800;

/**
 * Claims for a join: of the user's token if there is one, else of the key that opened the socket.
 * Throws a Refusal worded as the hosted service words it.
 */
export async function identify(checks: TokenChecks, token: string | undefined, key: string): Promise<Claims> {
  const bearer = token && !token.startsWith("sb_") ? token : key;
  const keyRole = checks.roleOfKey(bearer);
  if (keyRole) return { role: keyRole, exp: NEVER };
  const claims = await checks.verifyToken(bearer).catch((error: unknown) => {
    const isExpired = error instanceof Error && "code" in error && error.code === "ERR_JWT_EXPIRED";
    throw new Refusal(isExpired ? "InvalidJWTToken: Token has expired" : "JwtSignatureError: Failed to validate JWT signature");
  });
  const { role, exp } = claims;
  if (typeof role !== "string" || typeof exp !== "number") {
    throw new Refusal("InvalidJWTToken: Fields `role` and `exp` are required in JWT");
  }
  if (exp * 1000 <= Date.now()) throw new Refusal("InvalidJWTToken: Token has expired");
  if (!(await checks.isAssignableRole(role))) throw new Refusal("Unauthorized: Role of the token is not allowed");
  return { ...claims, role, exp };
}
