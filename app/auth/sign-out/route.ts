import { createServerDb } from "@/lib/supabase/server.ts";

/** Ends the session of this browser. */
export async function POST(): Promise<Response> {
  const db = await createServerDb();
  await db.auth.signOut({ scope: "local" });
  return new Response(null, { status: 303, headers: { location: "/login" } });
}
