/** Where the Supabase project is. Read at run time on the server; the browser gets it from the page, so one build serves every project. */
export type SupabaseSettings = { url: string; publishableKey: string };

function required(name: string): string {
  const value = process.env[name];
  if (!value) throw new Error(`The environment variable ${name} is not set.`);
  return value;
}

export function supabaseSettings(): SupabaseSettings {
  return { url: required("SUPABASE_URL"), publishableKey: required("SUPABASE_PUBLISHABLE_KEY") };
}

/** The public origin of the product, for links in mails and invitations; no trailing slash. */
export function siteUrl(): string {
  return (process.env.SITE_URL ?? "http://localhost:3000").replace(/\/+$/, "");
}

/** Where the mail of an installation without a mail server can be read; set by the local stack, null elsewhere. */
export function mailboxUrl(): string | null {
  return process.env.MAILBOX_URL || null;
}
