import { randomUUID } from "node:crypto";
import { createClient, type SupabaseClient } from "@supabase/supabase-js";
import postgres, { type Sql } from "postgres";
import { inject } from "vitest";
import type { Stack } from "../stack-types.ts";

export type SharedStack = Omit<Stack, "stop">;
export type StackUnderTest = SharedStack & {
  /** Pool as role postgres (owner of public, no superuser). */
  sql: Sql;
  /** Pool as supabase_admin (superuser). */
  admin: Sql;
};

let opened: StackUnderTest | undefined;

/** The stack of this run, without any schema of the application. Tests make their own tables, named by `unique()`. */
export function sharedStack(): StackUnderTest {
  if (!opened) {
    const shared = inject("bareStack");
    const pool = (url: string) => postgres(url, { max: 3, idle_timeout: 5, onnotice: () => {} });
    opened = { ...shared, sql: pool(shared.databaseUrl), admin: pool(shared.adminUrl) };
  }
  return opened;
}

/** A name nobody else uses: `things_1f2e3d4c`. */
export function unique(stem: string): string {
  return `${stem}_${randomUUID().slice(0, 8)}`;
}

/** supabase-js with a key and no stored session. */
export function client(key: string, accessToken?: string): SupabaseClient {
  return createClient(sharedStack().supabaseUrl, key, {
    auth: { persistSession: false, autoRefreshToken: false },
    ...(accessToken && { global: { headers: { Authorization: `Bearer ${accessToken}` } } }),
  });
}

/** A confirmed user with a password, and a client signed in as that user. */
export async function signedInUser() {
  const stack = sharedStack();
  const email = `${unique("user")}@example.test`;
  const password = randomUUID();
  const created = await client(stack.secretKey).auth.admin.createUser({ email, password, email_confirm: true });
  if (created.error) throw created.error;
  const db = client(stack.publishableKey);
  const { data, error } = await db.auth.signInWithPassword({ email, password });
  if (error) throw error;
  return { id: created.data.user.id, email, password, db, session: data.session };
}

/** Polls until `probe` gives something truthy; fails after `timeoutMs` with the last thing it gave. */
export async function eventually<T>(probe: () => Promise<T>, timeoutMs = 10_000): Promise<NonNullable<T>> {
  for (const deadline = Date.now() + timeoutMs; ; ) {
    const found = await probe();
    if (found) return found;
    if (Date.now() > deadline) throw new Error(`not within ${timeoutMs} ms`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

/** The schema cache follows a change by notification; this waits until REST knows `table`. */
export async function untilExposed(table: string): Promise<void> {
  const stack = sharedStack();
  await eventually(async () => {
    const reply = await fetch(`${stack.supabaseUrl}/rest/v1/${table}?limit=0`, { headers: { apikey: stack.secretKey } });
    return reply.status !== 404;
  });
}
