import { type NextRequest, NextResponse } from "next/server";
import { contentSecurityPolicy, isPublicPath, refreshSession } from "./lib/supabase/session.ts";

/** Keeps the session fresh, sends visitors to sign-in and sets the content policy. Never an authorization boundary. */
export async function middleware(request: NextRequest) {
  const policy = contentSecurityPolicy(crypto.randomUUID().replaceAll("-", ""), process.env.NODE_ENV === "development");
  const headers = new Headers(request.headers);
  headers.set("content-security-policy", policy);
  headers.set("x-request-id", request.headers.get("x-request-id") ?? crypto.randomUUID());
  const { response, signedIn } = await refreshSession(request, headers);
  const { pathname, search } = request.nextUrl;
  if (!signedIn && !isPublicPath(pathname)) {
    const origin = `${request.nextUrl.protocol}//${request.headers.get("host") ?? request.nextUrl.host}`;
    return NextResponse.redirect(new URL(`/login?next=${encodeURIComponent(pathname + search)}`, origin));
  }
  response.headers.set("content-security-policy", policy);
  response.headers.set("x-request-id", headers.get("x-request-id") ?? "");
  return response;
}

export const config = {
  runtime: "nodejs",
  matcher: ["/((?!api/|health|_next/|icon\\.svg|favicon\\.ico).*)"],
};
