import { createServerClient } from "@supabase/ssr";
import { type NextRequest, NextResponse } from "next/server";
import { supabaseSettings } from "./settings.ts";

/** First path segments that a visitor may open. Everything else is an organization or needs a person. */
const publicSegments = new Set(["", "login", "signup", "reset", "auth", "invite", "health", "api", "docs"]);

export function isPublicPath(pathname: string): boolean {
  return publicSegments.has(pathname.split("/")[1] ?? "");
}

/**
 * Refreshes the session cookies when they are due and hands the request on with them.
 * `signedIn` steers redirects only; what a person may see is decided where the data is read.
 */
export async function refreshSession(request: NextRequest, headers: Headers): Promise<{ response: NextResponse; signedIn: boolean }> {
  const { url, publishableKey } = supabaseSettings();
  let response = NextResponse.next({ request: { headers } });
  if (!request.cookies.getAll().some(({ name }) => name.startsWith("sb-"))) return { response, signedIn: false };
  const db = createServerClient(url, publishableKey, {
    cookies: {
      getAll: () => request.cookies.getAll(),
      setAll: (entries) => {
        for (const { name, value } of entries) request.cookies.set(name, value);
        headers.set("cookie", request.headers.get("cookie") ?? "");
        response = NextResponse.next({ request: { headers } });
        for (const { name, value, options } of entries) response.cookies.set(name, value, options);
      },
    },
  });
  const { data } = await db.auth.getClaims();
  return { response, signedIn: Boolean(data?.claims) };
}

/** What a page may load and talk to: itself and the Supabase project. Scripts need the nonce of this very response. */
export function contentSecurityPolicy(nonce: string, isDevelopment: boolean): string {
  const { url } = supabaseSettings();
  return [
    "default-src 'self'",
    `script-src 'self' 'nonce-${nonce}' 'strict-dynamic'${isDevelopment ? " 'unsafe-eval'" : ""}`,
    "style-src 'self' 'unsafe-inline'",
    "img-src 'self' data: blob:",
    "font-src 'self'",
    `connect-src 'self' ${url} ${url.replace(/^http/, "ws")}`,
    "object-src 'none'",
    "base-uri 'self'",
    "form-action 'self'",
    "frame-ancestors 'none'",
  ].join("; ");
}
