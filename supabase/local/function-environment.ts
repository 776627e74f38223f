import type { Secrets } from "./secrets.ts";

/** The environment that the hosted platform gives every function, with a project's own values beside it. */
export function functionEnvironment(
  supabaseUrl: string,
  databaseUrl: string,
  secrets: Secrets,
  own: Record<string, string> = {},
): Record<string, string> {
  return {
    ...own,
    SUPABASE_URL: supabaseUrl,
    SUPABASE_DB_URL: databaseUrl,
    SUPABASE_PUBLISHABLE_KEYS: JSON.stringify({ default: secrets.publishableKey }),
    SUPABASE_SECRET_KEYS: JSON.stringify({ default: secrets.secretKey }),
    // Names from before there could be several keys.
    SUPABASE_ANON_KEY: secrets.publishableKey,
    SUPABASE_SERVICE_ROLE_KEY: secrets.secretKey,
  };
}
