import { createHash, randomUUID } from "node:crypto";
import { createClient, type SupabaseClient } from "@supabase/supabase-js";
import type { TransactionSql } from "postgres";
import type { ApiKeyScope } from "../../lib/api-keys/schema.ts";
import type { OrganizationRole } from "../../lib/orgs/schema.ts";
import type { TestStack } from "./stack.ts";

export interface Person {
  id: string;
  email: string;
  password: string;
}

export interface Organization {
  id: string;
  slug: string;
  name: string;
  owner: Person;
}

export interface ApiKey {
  id: string;
  key: string;
  prefix: string;
  /** SHA-256 of the key, as the doors hand it on. */
  hash: Buffer;
}

/** A confirmed person who can sign in with their password. Written directly: hundreds of tests need one and hardly any needs the mail. */
export async function makeUser(
  stack: Pick<TestStack, "sql">,
  { email = `${randomUUID()}@example.com`, name = null as string | null, isConfirmed = true } = {},
): Promise<Person> {
  const password = randomUUID();
  const id = randomUUID();
  await stack.sql`
    with person as (
      insert into auth.users (
        id, aud, role, email, encrypted_password, email_confirmed_at, raw_app_meta_data, raw_user_meta_data,
        confirmation_token, recovery_token, email_change_token_new, email_change, created_at, updated_at
      ) values (
        ${id}, 'authenticated', 'authenticated', ${email.toLowerCase()}, extensions.crypt(${password}, extensions.gen_salt('bf', 4)),
        ${isConfirmed ? stack.sql`now()` : null}, '{"provider": "email", "providers": ["email"]}',
        ${name === null ? stack.sql`'{}'::jsonb` : stack.sql`jsonb_build_object('name', ${name}::text)`}, '', '', '', '', now(), now()
      ) returning id, email
    )
    insert into auth.identities (provider, provider_id, user_id, identity_data)
    select 'email', id::text, id, jsonb_build_object('sub', id::text, 'email', email, 'email_verified', true) from person`;
  return { id, email: email.toLowerCase(), password };
}

export type Actor = Person | "anon";

/** Runs `work` in one transaction as the API would for this person: their role and claims, hence row-level security. */
export async function as<T>(stack: TestStack, actor: Actor, work: (tx: TransactionSql) => Promise<T>): Promise<T> {
  return (await stack.sql.begin(async (tx) => {
    await become(tx, actor);
    return work(tx);
  })) as T;
}

class Rollback extends Error {}

/** Like `as`, but nothing of it stays: for trying what is allowed. */
export async function tryAs<T>(stack: TestStack, actor: Actor, work: (tx: TransactionSql) => Promise<T>): Promise<T> {
  let result: { value: T } | undefined;
  try {
    await as(stack, actor, async (tx) => {
      result = { value: await work(tx) };
      throw new Rollback();
    });
  } catch (error) {
    if (!(error instanceof Rollback)) throw error;
  }
  return result!.value;
}

/** Makes the rest of the transaction somebody's. */
export async function become(tx: TransactionSql, actor: Actor): Promise<void> {
  const claims = actor === "anon" ? { role: "anon" } : { sub: actor.id, role: "authenticated", email: actor.email };
  await tx`select set_config('role', ${claims.role}, true), set_config('request.jwt.claims', ${JSON.stringify(claims)}, true)`;
}

/** An organization made the way people make one; its owner is made too unless given. */
export async function makeOrganization(
  stack: TestStack,
  { owner, name = "Test organization", timeZone = "UTC" }: { owner?: Person; name?: string; timeZone?: string } = {},
): Promise<Organization> {
  const person = owner ?? (await makeUser(stack));
  const slug = `t-${randomUUID()}`;
  const [made] = await as(
    stack,
    person,
    (tx) => tx<{ id: string; slug: string; name: string }[]>`
      select id, slug, name from public.create_organization(${name}, ${slug}, ${timeZone})`,
  );
  return { ...made!, owner: person };
}

/** A new person in the organization with this role. */
export async function makeMember(stack: TestStack, organization: { id: string }, role: OrganizationRole): Promise<Person> {
  const person = await makeUser(stack);
  await stack.sql`
    insert into public.organization_members (organization_id, user_id, role) values (${organization.id}, ${person.id}, ${role})`;
  return person;
}

/** A key made by the owner of the organization. */
export async function makeApiKey(
  stack: TestStack,
  organization: Organization,
  {
    name = "Test key",
    scopes = ["ingest"] as ApiKeyScope[],
    teamId = null as string | null,
    projectId = null as string | null,
    environment = null as string | null,
    expiresAt = null as Date | null,
  } = {},
): Promise<ApiKey> {
  const [made] = await as(
    stack,
    organization.owner,
    (tx) => tx<{ id: string; key: string; prefix: string }[]>`
      select id, key, prefix from public.create_api_key(
        ${organization.id}, ${name}, ${scopes}, 'live', ${teamId}, ${projectId}, ${environment}, ${expiresAt})`,
  );
  return { ...made!, hash: hashOf(made!.key) };
}

export function hashOf(key: string): Buffer {
  return createHash("sha256").update(key).digest();
}

/** A real session: a supabase-js client that signed in over HTTP. */
export async function signedIn(stack: TestStack, person: Person): Promise<SupabaseClient> {
  const client = visitor(stack);
  const { error } = await client.auth.signInWithPassword({ email: person.email, password: person.password });
  if (error) throw error;
  return client;
}

/** A supabase-js client of somebody who did not sign in. */
export function visitor(stack: TestStack): SupabaseClient {
  return createClient(stack.supabaseUrl, stack.publishableKey, { auth: { persistSession: false, autoRefreshToken: false } });
}
