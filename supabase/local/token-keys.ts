import {
  type CryptoKey,
  createRemoteJWKSet,
  decodeJwt,
  decodeProtectedHeader,
  importJWK,
  type JWK,
  type JWTPayload,
  type JWTVerifyGetKey,
  jwtVerify,
} from "jose";
import { BoundedCache } from "./bounded-cache.ts";
import type { Secrets } from "./secrets.ts";

export type Claims = JWTPayload & { role?: string; email?: string; session_id?: string };

export type TokenKeys = {
  /** Public half of the signing key, as served under /.well-known/jwks.json. */
  jwks: { keys: JWK[] };
  signingKey: CryptoKey;
  keyId: string;
  /** HS256 key of the tokens between gateway and lite. */
  innerKey: Uint8Array;
  /** Signature, expiry and issuer of a token of ours or of a configured third party; rejects otherwise. */
  verify(token: string): Promise<Claims>;
};

/** Keys of the stack: ES256 outwards (clients verify with the JWKS alone), HS256 inwards (all that lite understands). */
export async function loadTokenKeys(secrets: Secrets, thirdPartyIssuers: Record<string, string>): Promise<TokenKeys> {
  const { d: _private, ...publicJwk } = secrets.signingKey;
  const keyId = secrets.signingKey.kid ?? "local";
  const signingKey = (await importJWK(secrets.signingKey, "ES256")) as CryptoKey;
  const publicKey = (await importJWK(publicJwk, "ES256")) as CryptoKey;
  const innerKey = new TextEncoder().encode(secrets.jwtSecret);
  const remote = new Map<string, JWTVerifyGetKey>(
    Object.entries(thirdPartyIssuers).map(([issuer, jwksUrl]) => [issuer, createRemoteJWKSet(new URL(jwksUrl))]),
  );
  const verified = new BoundedCache<Claims>(5000);

  const check = async (token: string): Promise<Claims> => {
    const { alg, kid } = decodeProtectedHeader(token);
    if (alg === "HS256") return (await jwtVerify<Claims>(token, innerKey, { algorithms: ["HS256"] })).payload;
    if (kid === keyId) return (await jwtVerify<Claims>(token, publicKey, { algorithms: ["ES256"] })).payload;
    const issuer = decodeJwt(token).iss ?? "";
    const keys = remote.get(issuer);
    if (!keys) throw new Error("The token was signed by a key this project does not know.");
    return (await jwtVerify<Claims>(token, keys, { algorithms: ["RS256", "ES256"], issuer })).payload;
  };

  return {
    jwks: { keys: [{ ...publicJwk, key_ops: ["verify"], ext: true }] },
    signingKey,
    keyId,
    innerKey,
    async verify(token) {
      const known = verified.get(token);
      if (known && (known.exp === undefined || known.exp * 1000 > Date.now())) return known;
      const claims = await check(token);
      verified.set(token, claims);
      return claims;
    },
  };
}
