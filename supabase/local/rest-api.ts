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

export async function restApi(exchange: Exchange, lite: LiteHandler, tokens: TokenMinting): Promise<Response> {
  return forwardToLite({ ...exchange, url: keepFilterSpelling(exchange.url) }, lite, tokens);
}
