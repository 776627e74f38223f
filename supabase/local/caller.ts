import type { IncomingMessage } from "node:http";
import type { KeyRole } from "./api-keys.ts";
import type { TokenKeys } from "./token-keys.ts";

type Caller = { apikey: string | null; keyRole: KeyRole | null; bearer: string | null };

export type CallerReader = (request: IncomingMessage, url: URL) => Promise<Caller>;

/** Who calls: API key from header or query, bearer token as sent. A legacy key (a JWT without a user) counts as the key of its role. */
export function callerReader(
  roleOfKey: (key: string | null) => KeyRole | null,
  keys: TokenKeys,
  keyOfRole: Record<KeyRole, string>,
): CallerReader {
  const legacyRole = async (key: string): Promise<KeyRole | null> => {
    const claims = await keys.verify(key).catch(() => null);
    return !claims?.sub && (claims?.role === "anon" || claims?.role === "service_role") ? claims.role : null;
  };
  return async (request, url) => {
    const header = request.headers.apikey;
    let apikey = (Array.isArray(header) ? header[0] : header) ?? url.searchParams.get("apikey");
    let bearer = request.headers.authorization?.replace(/^Bearer\s+/i, "").trim() || null;
    const sent = apikey;
    if (sent?.startsWith("ey")) {
      const role = await legacyRole(sent);
      if (role) apikey = keyOfRole[role];
      if (role && bearer === sent) bearer = apikey;
    }
    return { apikey, keyRole: roleOfKey(apikey), bearer };
  };
}
