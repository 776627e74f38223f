import type { Sql } from "postgres";
import type { DependencyCheck } from "../health/check.ts";

/** Answers at all, that is: whatever it thinks of the request, it is there and not failing. */
function answers(url: string, apikey: string): DependencyCheck {
  return async (signal) => {
    const answer = await fetch(url, { headers: { apikey }, redirect: "manual", signal });
    await answer.body?.cancel();
    if (answer.status >= 500) throw new Error(`answered ${answer.status}`);
  };
}

/** The parts of the Supabase project that the product lives on. */
export function dependencyChecks(sql: Sql, supabaseUrl: string, publishableKey: string) {
  return {
    database: async () => {
      await sql`select 1`;
    },
    supabase_rest: answers(`${supabaseUrl}/rest/v1/`, publishableKey),
    supabase_auth: answers(`${supabaseUrl}/auth/v1/health`, publishableKey),
    realtime: answers(`${supabaseUrl}/realtime/v1/api/ping`, publishableKey),
  };
}
