/** What the server needs to know, checked at the start so that nothing fails at the first request instead. */
export type ServerEnvironment = {
  supabaseUrl: string;
  publishableKey: string;
  secretKey: string;
  databaseUrl: string;
  siteUrl: string;
  port: number;
  host: string | undefined;
  logLevel: string;
};

/** A setting that is missing, malformed or too weak; the sentence names it and never repeats its value. */
export class SettingError extends Error {
  override readonly name = "SettingError";
}

const logLevels = ["fatal", "error", "warn", "info", "debug", "trace", "silent"];
const wellKnown = /^(postgres|password|passwort|secret|admin|root|supabase|tokentra|change-?me|example|test|default|123456\d*)$/i;

function need(env: Record<string, string | undefined>, name: string, what: string): string {
  const value = env[name]?.trim();
  if (!value) throw new SettingError(`${name} is not set. It has to be ${what}.`);
  return value;
}

function needUrl(env: Record<string, string | undefined>, name: string, schemes: string[], what: string): URL {
  const url = URL.parse(need(env, name, what));
  if (url === null || !schemes.includes(url.protocol)) throw new SettingError(`${name} is not ${what}.`);
  return url;
}

function needSecret(env: Record<string, string | undefined>, name: string, isProduction: boolean, what: string): string {
  const value = need(env, name, what);
  if (isProduction && (value.length < 20 || wellKnown.test(value))) {
    throw new SettingError(`${name} is too weak for production: give the key that Supabase generated.`);
  }
  return value;
}

/**
 * Reads the settings of the server.
 * @throws SettingError with a sentence for whoever starts it. In production also for passwords and keys that anyone could guess.
 */
export function readServerEnvironment(env: Record<string, string | undefined>, isProduction: boolean): ServerEnvironment {
  const supabase = needUrl(env, "SUPABASE_URL", ["http:", "https:"], "the http(s) address of the Supabase project");
  const database = needUrl(env, "DATABASE_URL", ["postgres:", "postgresql:"], "a postgres:// address of the project's database");
  const password = decodeURIComponent(database.password);
  if (isProduction && (password.length < 8 || wellKnown.test(password))) {
    throw new SettingError(
      "DATABASE_URL has no password, or one that is too weak for production: at least 8 characters, none of the well-known words.",
    );
  }
  const site = needUrl(env, "SITE_URL", ["http:", "https:"], "the public http(s) address of this product");
  const port = Number(env.PORT || "3000");
  if (!Number.isInteger(port) || port < 0 || port > 65_535) throw new SettingError("PORT is not a port number from 0 to 65535.");
  const logLevel = env.LOG_LEVEL || "info";
  if (!logLevels.includes(logLevel)) throw new SettingError(`LOG_LEVEL is not one of ${logLevels.join(", ")}.`);
  const publishableKey = needSecret(env, "SUPABASE_PUBLISHABLE_KEY", isProduction, "the publishable key of the Supabase project");
  const secretKey = needSecret(env, "SUPABASE_SECRET_KEY", isProduction, "the secret key of the Supabase project");
  if (secretKey === publishableKey) throw new SettingError("SUPABASE_SECRET_KEY is the publishable key: give the secret one.");
  return {
    supabaseUrl: supabase.href.replace(/\/+$/, ""),
    publishableKey,
    secretKey,
    databaseUrl: database.href,
    siteUrl: site.href.replace(/\/+$/, ""),
    port,
    host: env.HOST || undefined,
    logLevel,
  };
}
