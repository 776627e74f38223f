export type StackOptions = {
  /** Port of the API (REST, Auth, Functions, Realtime, mailbox); 0 or absent: a free one. */
  port?: number;
  /** Port of Postgres; 0 or absent: a free one. */
  dbPort?: number;
  /** Holds the database, `secrets.json` and logs. */
  dataDir: string;
  /** Origin of the application, for links in mails and redirects. */
  siteUrl: string;
  /** Keep the data when the stack stops. Default true. */
  persistent?: boolean;
  /** Apply supabase/migrations with the official CLI before the API opens. Default false. */
  migrate?: boolean;
  onProgress?: (line: string) => void;
  /** Environment of the Edge Functions beyond what the platform itself provides. */
  functionsEnv?: Record<string, string>;
  /** Folder of the Edge Functions. Default: supabase/functions. */
  functionsDir?: string;
  /** Issuers of third-party tokens that are accepted like our own: issuer → address of its JWKS. */
  thirdPartyIssuers?: Record<string, string>;
  /** Folder with the `supabase/` whose config.toml, templates, functions and migrations apply. Default: this checkout. */
  projectDir?: string;
};

export type Stack = {
  supabaseUrl: string;
  publishableKey: string;
  secretKey: string;
  /** Role postgres, which is not a superuser, as on the hosted platform. */
  databaseUrl: string;
  /** Role supabase_admin, superuser: for tests of the stack itself. */
  adminUrl: string;
  mailboxUrl: string;
  jwksUrl: string;
  /** Milliseconds since the start, by stage. */
  timings: Record<string, number>;
  stop(): Promise<void>;
};
