"use client";
import { createBrowserClient } from "@supabase/ssr";
import { createContext, useContext } from "react";
import type { Database } from "./database.types.ts";
import type { Db } from "./db.ts";
import { withRequestIds } from "./request-id.ts";
import type { SupabaseSettings } from "./settings.ts";

/** One client per page (the library keeps it), with the session of the cookies. */
export function browserDb({ url, publishableKey }: SupabaseSettings): Db {
  return createBrowserClient<Database>(url, publishableKey, { global: { fetch: withRequestIds(fetch) } });
}

export const DbContext = createContext<Db | null>(null);

/** The signed-in person's client, in client components. */
export function useDb(): Db {
  const db = useContext(DbContext);
  if (!db) throw new Error("useDb needs the providers of the root layout around it.");
  return db;
}
