import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { type Child, startNode } from "./child.ts";
import { type Places, root } from "./places.ts";
import { progress } from "./progress.ts";

/** What the product needs to know of its Supabase project, local or hosted. */
export interface Backend {
  supabaseUrl: string;
  publishableKey: string;
  secretKey: string;
  databaseUrl: string;
  /** Null for a hosted project, whose mail is real. */
  mailboxUrl: string | null;
  /** Settles when the local stack ends, never for a hosted project. */
  ended: Promise<unknown>;
  stop(): Promise<void>;
}

const settings = ["SUPABASE_URL", "SUPABASE_PUBLISHABLE_KEY", "SUPABASE_SECRET_KEY", "DATABASE_URL"] as const;

/** The hosted project named by the environment, or null when none is; throws when it is named in part. */
function hosted(): Backend | null {
  const missing = settings.filter((name) => !process.env[name]);
  if (missing.length === settings.length) return null;
  if (missing.length > 0)
    throw new Error(`To use a Supabase project, set ${missing.join(", ")} as well; to use the local stack, unset the others.`);
  const { SUPABASE_URL = "", SUPABASE_PUBLISHABLE_KEY = "", SUPABASE_SECRET_KEY = "", DATABASE_URL = "" } = process.env;
  return {
    supabaseUrl: SUPABASE_URL,
    publishableKey: SUPABASE_PUBLISHABLE_KEY,
    secretKey: SUPABASE_SECRET_KEY,
    databaseUrl: DATABASE_URL,
    mailboxUrl: null,
    ended: new Promise(() => {}),
    stop: async () => {},
  };
}

function local(places: Places): Promise<Backend> {
  return new Promise((resolve, reject) => {
    const child: Child = startNode(join(root, "supabase", "local", "main.ts"), [], {
      cwd: root,
      env: {
        TOKENTRA_STACK_PORT: String(places.stackPort),
        TOKENTRA_DB_PORT: String(places.dbPort),
        TOKENTRA_DATA_DIR: places.dataDir,
        SITE_URL: places.siteUrl,
      },
      onLine: (line) => {
        if (!line.startsWith("{")) return;
        const ready = JSON.parse(line) as Omit<Backend, "ended" | "stop">;
        resolve({ ...ready, ended: child.ended, stop: () => child.stop() });
      },
    });
    child.ended.then(
      (code) => reject(new Error(`The local stack ended (${code ?? "signal"}) before it was ready; its words are above.`)),
      reject,
    );
  });
}

/** The hosted project when the environment names one; otherwise starts the local stack and waits until it is ready. */
export async function startBackend(places: Places): Promise<Backend> {
  const project = hosted();
  if (project) return project;
  await mkdir(places.dataDir, { recursive: true });
  progress("Starting the local stack (Postgres, REST, Auth, Realtime, Functions) …");
  const backend = await local(places);
  progress(`Local stack ready at ${backend.supabaseUrl}`);
  return backend;
}

/** The environment in which server.ts runs against this backend. */
export function serverEnvironment(places: Places, backend: Backend): Record<string, string> {
  return {
    PORT: String(places.port),
    SITE_URL: places.siteUrl,
    SUPABASE_URL: backend.supabaseUrl,
    SUPABASE_PUBLISHABLE_KEY: backend.publishableKey,
    SUPABASE_SECRET_KEY: backend.secretKey,
    DATABASE_URL: backend.databaseUrl,
    ...(backend.mailboxUrl ? { MAILBOX_URL: backend.mailboxUrl } : {}),
  };
}
