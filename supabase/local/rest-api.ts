import { errors } from "jose";
import type { Exchange } from "./http-exchange.ts";
import type { LiteHandler } from "./lite-app.ts";
import { requestScope } from "./request-scope.ts";
import { keepFilterSpelling } from "./rest-query.ts";
import type { TokenMinting } from "./token-minting.ts";

/** Passes a request on to lite in the form it understands: HS256 token inside, address and headers kept for SQL. */
export async function forwardToLite(exchange: Exchange, lite: LiteHandler, tokens: TokenMinting): Promise<Response> {
  const headers = new Headers(exchange.headers);
  for (const name of ["content-length", "connection", "transfer-encoding", "host"]) headers.delete(name);
  if (exchange.apikey) headers.set("apikey", exchange.apikey);
  if (exchange.bearer?.startsWith("ey")) {
    const inner = await tokens.inward(exchange.bearer).catch(() => null);
    // An invalid token goes on as it is: lite refuses it in the API's own words.
    if (inner) headers.set("authorization", `Bearer ${inner}`);
  }
  const hasBody = exchange.method !== "GET" && exchange.method !== "HEAD" && exchange.body.length > 0;
  const request = new Request(exchange.url, {
    method: exchange.method,
    headers,
    body: hasBody ? new Uint8Array(exchange.body) : undefined,
    signal: exchange.signal,
  });
  const scope = { headers: Object.fromEntries(exchange.headers), redirectTo: exchange.url.searchParams.get("redirect_to") ?? undefined };
  return requestScope.run(scope, () => lite(request, exchange.peer));
}

/** REST. A token that does not hold is refused here: lite would go on as anon, PostgREST answers 401. */
export async function restApi(exchange: Exchange, lite: LiteHandler, tokens: TokenMinting): Promise<Response> {
  if (exchange.bearer && exchange.bearer !== exchange.apikey && exchange.keyRole) {
    const refusal = await tokens.inward(exchange.bearer).then(
      () => null,
      (error: unknown) => (error instanceof errors.JWTExpired ? "JWT expired" : "JWT could not be verified"),
    );
    if (refusal) {
      const code = refusal === "JWT expired" ? "PGRST303" : "PGRST301";
      return Response.json(
        { code, message: refusal, details: null, hint: null },
        { status: 401, headers: { "www-authenticate": `Bearer error="invalid_token", error_description="${refusal}"` } },
      );
    }
  }
  return forwardToLite({ ...exchange, url: keepFilterSpelling(exchange.url) }, lite, tokens);
}
