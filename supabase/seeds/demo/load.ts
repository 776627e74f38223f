import { createClient, type SupabaseClient } from "@supabase/supabase-js";
import type { Sql } from "postgres";
import { Temporal } from "temporal-polyfill";
import { priceChange, projects, teams, timeZone } from "./cast.ts";
import { daysOfHistory } from "./day.ts";
import { sendHistory } from "./history.ts";

/** What is remembered of the demo organization between runs, beside the data of the local stack (mode 0600), never in code. */
export interface DemoAccess {
  email: string;
  password: string;
  organization_id: string;
  /** Scopes ingest and read: what the printed commands and the live trickle use. */
  api_key: string;
}

export interface DemoOptions {
  supabaseUrl: string;
  publishableKey: string;
  secretKey: string;
  sql: Sql;
  /** The product's own address: history goes through its ingestion door. */
  productUrl: string;
  /** From an earlier run, if any. */
  known: DemoAccess | null;
  onProgress: (line: string) => void;
}

const slug = "acme-demo";

type Answer = { data: unknown; error: { message: string } | null };

/** Throws what went wrong, with what was being done. */
function done(answer: Answer, doing: string): void {
  if (answer.error) throw new Error(`Demo organization, ${doing}: ${answer.error.message}`);
}

/** The data of an answer, or an error that says what was being done. */
function must<Given extends Answer>(answer: Given, doing: string): NonNullable<Given["data"]> {
  done(answer, doing);
  if (answer.data === null || answer.data === undefined) throw new Error(`Demo organization, ${doing}: no answer`);
  return answer.data;
}

async function signIn(options: DemoOptions): Promise<{ db: SupabaseClient; email: string; password: string }> {
  const plain = { auth: { persistSession: false, autoRefreshToken: false } };
  const admin = createClient(options.supabaseUrl, options.secretKey, plain);
  const email = options.known?.email ?? "demo@tokentra.example";
  const password = options.known?.password ?? `demo-${crypto.randomUUID()}`;
  const [user] = await options.sql<{ id: string }[]>`select id from auth.users where email = ${email}`;
  if (!user) {
    must(
      await admin.auth.admin.createUser({ email, password, email_confirm: true, user_metadata: { name: "Dana Demo" } }),
      "creating its person",
    );
  } else if (!options.known) {
    must(await admin.auth.admin.updateUserById(user.id, { password }), "setting a new password");
  }
  const db = createClient(options.supabaseUrl, options.publishableKey, plain);
  must(await db.auth.signInWithPassword({ email, password }), "signing in");
  return { db, email, password };
}

/** Creates teams and projects that are not there yet, as the signed-in owner. */
async function furnish(db: SupabaseClient, organizationId: string): Promise<void> {
  const own = { organization_id: organizationId };
  const rows = teams.map(({ slug: team, name }) => ({ ...own, slug: team, name }));
  must(await db.from("teams").upsert(rows, { onConflict: "organization_id,slug", ignoreDuplicates: true }).select(), "teams");
  const made = must(await db.from("teams").select("id, slug").eq("organization_id", organizationId), "reading teams");
  const idOf = new Map(made.map((team) => [team.slug as string, team.id as string]));
  const wanted = projects.map(({ slug: project, name, team }) => ({ ...own, slug: project, name, team_id: idOf.get(team) }));
  must(await db.from("projects").upsert(wanted, { onConflict: "organization_id,slug", ignoreDuplicates: true }).select(), "projects");
}

async function createKey(db: SupabaseClient, organizationId: string, name: string, scopes: string[]): Promise<{ id: string; key: string }> {
  const rows = must(
    await db.rpc("create_api_key", { p_organization_id: organizationId, p_name: name, p_scopes: scopes }),
    `the key ${name}`,
  );
  const [made] = rows as Array<{ id: string; key: string }>;
  if (!made) throw new Error(`Demo organization, the key ${name}: no answer`);
  return made;
}

/**
 * Makes the demo organization as a customer would: signs in, creates it, its teams, projects and keys, and sends its history through the
 * ingestion door. Running it again sends only what is missing (the door knows every request id) and returns the same access.
 */
export async function loadDemo(options: DemoOptions): Promise<DemoAccess> {
  const { db, email, password } = await signIn(options);
  const [there] = await options.sql<{ id: string; anchor: string | null }[]>`
    select id, settings ->> 'demo_anchor' as anchor from public.organizations where is_demo and slug = ${slug}`;
  const today = Temporal.Now.zonedDateTimeISO(timeZone).toPlainDate();
  let organizationId = there?.id;
  if (!organizationId) {
    const made = must(await db.rpc("create_organization", { p_name: "Acme (demo)", p_slug: slug, p_time_zone: timeZone }), "creating it");
    organizationId = (made as { id: string }).id;
    await options.sql`
      update public.organizations set is_demo = true, settings = settings || ${options.sql.json({ demo_anchor: today.toString() })}
      where id = ${organizationId}`;
  }
  await furnish(db, organizationId);
  const anchor = Temporal.PlainDate.from(there?.anchor ?? today.toString());
  await changePrice(db, organizationId, anchor);
  const history = await createKey(db, organizationId, "History import", ["ingest", "admin"]);
  const days = await daysToSend(options.sql, organizationId, daysOfHistory(today, anchor));
  await sendHistory({ url: options.productUrl, key: history.key, days, onProgress: options.onProgress });
  done(await db.rpc("revoke_api_key", { p_organization_id: organizationId, p_id: history.id }), "closing the import key");
  const keep = options.known?.organization_id === organizationId ? options.known.api_key : null;
  const apiKey = keep ?? (await createKey(db, organizationId, "Demo application", ["ingest", "read"])).key;
  return { email, password, organization_id: organizationId, api_key: apiKey };
}

/**
 * What may be missing: the days since the newest history that is there. It was sent in order, two batches at a time, so that three days before it
 * are more than an interrupted run can have left open; the door counts what it has already.
 */
async function daysToSend(sql: Sql, organizationId: string, days: ReturnType<typeof daysOfHistory>): Promise<typeof days> {
  const [newest] = await sql<{ day: string | null }[]>`
    select ((max("timestamp") at time zone ${timeZone})::date - 3)::text as day
    from private.usage_records where organization_id = ${organizationId} and source = 'import'`;
  const from = newest?.day;
  return from ? days.filter(([day]) => day >= from) : days;
}

/** The negotiated discount of the story, once: the owner enters it as any customer would. */
async function changePrice(db: SupabaseClient, organizationId: string, anchor: Temporal.PlainDate): Promise<void> {
  const there = must(await db.rpc("list_price_overrides", { p_organization_id: organizationId }), "reading its prices");
  if ((there as unknown[]).length > 0) return;
  const since = anchor.subtract({ days: priceChange.daysAgo }).toZonedDateTime(timeZone).toInstant().toString();
  const override = {
    p_organization_id: organizationId,
    p_provider: priceChange.provider,
    p_model: priceChange.model,
    p_discount_percent: priceChange.discountPercent,
    p_valid_from: since,
    p_note: "Annual agreement",
  };
  must(await db.rpc("set_price_override", override), "its negotiated price");
}
