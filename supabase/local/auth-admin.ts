import { AuthError } from "./auth-error.ts";
import type { LinkIssuer } from "./auth-links.ts";
import type { AuthUsers, NewUser } from "./auth-users.ts";
import type { Exchange } from "./http-exchange.ts";
import type { TokenKeys } from "./token-keys.ts";

export type AdminApi = (exchange: Exchange, path: string) => Promise<Response>;

export function isAdminPath(path: string): boolean {
  return path === "/invite" || path === "/admin" || path.startsWith("/admin/");
}

/** The part of the Auth API for servers (`supabase.auth.admin`), which lite lacks. Secret key or a service_role token only. */
export function adminApi(users: AuthUsers, links: LinkIssuer, keys: TokenKeys, issuer: string): AdminApi {
  return async (exchange, path) => {
    if (!(await isAdmin(exchange, keys))) throw new AuthError(403, "not_admin", "User not allowed");
    const body = exchange.body.length > 0 ? (JSON.parse(exchange.body.toString("utf8")) as Record<string, unknown>) : {};
    const redirectTo =
      exchange.url.searchParams.get("redirect_to") ?? (typeof body.redirect_to === "string" ? body.redirect_to : undefined);
    const route = `${exchange.method} ${path}`;

    if (route === "POST /invite") return Response.json(await links.invite({ ...body, redirectTo }));
    if (route === "POST /admin/generate_link") return Response.json(await links.generate({ ...body, redirectTo }));
    if (route === "POST /admin/users") return Response.json(await create(users, body));
    if (route === "GET /admin/users") return list(users, exchange.url, issuer);

    const id = /^\/admin\/users\/([^/]+)$/.exec(path)?.[1];
    if (id === undefined) throw new AuthError(404, "not_found", "Not found");
    if (!/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(id)) throw new AuthError(404, "validation_failed", "user_id must be an UUID");
    if (exchange.method === "GET") return orNotFound(await users.byId(id));
    if (exchange.method === "PUT") return orNotFound((await users.byId(id)) && (await users.update(id, body as NewUser)));
    if (exchange.method === "DELETE") return orNotFound((await users.delete(id, body.should_soft_delete === true)) ? {} : undefined);
    throw new AuthError(405, "method_not_allowed", "Method not allowed");
  };
}

async function isAdmin(exchange: Exchange, keys: TokenKeys): Promise<boolean> {
  const { bearer, keyRole, apikey } = exchange;
  // A user's token next to the secret key is still the user's: the token decides, as with GoTrue.
  if (bearer?.startsWith("ey"))
    return keys.verify(bearer).then(
      (claims) => claims.role === "service_role" || claims.role === "supabase_admin",
      () => false,
    );
  return keyRole === "service_role" && (bearer === null || bearer === apikey);
}

async function create(users: AuthUsers, body: Record<string, unknown>) {
  const wanted = body as NewUser;
  if (!wanted.email && !wanted.phone)
    throw new AuthError(400, "validation_failed", "Cannot create a user without either an email or phone");
  return users.create(wanted);
}

async function list(users: AuthUsers, url: URL, issuer: string): Promise<Response> {
  const asked = url.searchParams.get("page") || "1";
  if (!/^\d+$/.test(asked)) throw new AuthError(400, "validation_failed", `Bad Pagination Parameters: invalid page "${asked}"`);
  const page = Math.max(1, Number(asked));
  const perPage = Math.min(1000, Math.max(1, Number(url.searchParams.get("per_page")) || 50));
  const found = await users.page(page, perPage);
  const last = Math.max(1, Math.ceil(found.total / perPage));
  const link = (to: number, rel: string) => `<${issuer}/admin/users?page=${to}>; rel="${rel}"`;
  const links = [...(page < last ? [link(page + 1, "next")] : []), link(last, "last")];
  const headers = { "x-total-count": String(found.total), link: links.join(", ") };
  return Response.json({ users: found.users, aud: "authenticated" }, { headers });
}

function orNotFound(found: object | undefined): Response {
  if (!found) throw new AuthError(404, "user_not_found", "User not found");
  return Response.json(found);
}
