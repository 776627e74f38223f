import { createServerClient } from "@supabase/ssr";
import { cookies, headers } from "next/headers";
import { cache } from "react";
import type { Database } from "./database.types.ts";
import type { Db } from "./db.ts";
import { supabaseSettings } from "./settings.ts";

/** The client of the person behind this request, with their rights and no others. One per request. */
export const createServerDb = cache(async (): Promise<Db> => {
  const [store, incoming] = await Promise.all([cookies(), headers()]);
  const { url, publishableKey } = supabaseSettings();
  // The audit log notes both: which request it was, and from where.
  const passedOn = ["x-request-id", "x-forwarded-for"].flatMap((name) => {
    const value = incoming.get(name);
    return value ? [[name, value] as const] : [];
  });
  return createServerClient<Database>(url, publishableKey, {
    global: { headers: Object.fromEntries(passedOn) },
    cookies: {
      getAll: () => store.getAll(),
      setAll: (entries) => {
        try {
          for (const { name, value, options } of entries) store.set(name, value, options);
        } catch {
          // Pages may not set cookies; the middleware has already refreshed the session for them.
        }
      },
    },
  });
});

export type SignedInUser = { id: string; email: string; name: string };

/** Who is behind this request, from a token whose signature was checked; null for a visitor. */
export const currentUser = cache(async (): Promise<SignedInUser | null> => {
  const db = await createServerDb();
  const { data } = await db.auth.getClaims();
  const claims = data?.claims;
  if (!claims?.sub) return null;
  const email = typeof claims.email === "string" ? claims.email : "";
  const name: unknown = claims.user_metadata?.name;
  return { id: claims.sub, email, name: typeof name === "string" && name.trim() ? name.trim() : email };
});
