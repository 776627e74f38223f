import { randomInt, randomUUID } from "node:crypto";
import bcrypt from "bcryptjs";
import type { JSONValue, PendingQuery, Row, Sql, TransactionSql } from "postgres";
import { AuthError } from "./auth-error.ts";
import { tokenHash } from "./auth-verification.ts";

/** A user as the Auth API shows it. */
export type AuthUser = { id: string; email: string | null; email_confirmed_at: Date | null; created_at: Date; identities: unknown[] };

export type NewUser = {
  id?: string;
  email?: string;
  phone?: string;
  password?: string;
  password_hash?: string;
  role?: string;
  email_confirm?: boolean;
  phone_confirm?: boolean;
  app_metadata?: Record<string, unknown>;
  user_metadata?: Record<string, unknown>;
  ban_duration?: string;
  invited?: boolean;
};

/** The one-time code of a verification and what is stored of it. */
export type OneTimeCode = { otp: string; hash: string };

/** Users in schema auth, written as the Auth role: triggers on auth.users see what they see on the hosted platform. */
export class AuthUsers {
  readonly #sql: Sql;

  constructor(sql: Sql) {
    this.#sql = sql;
  }

  #asAuth<T>(work: (tx: TransactionSql) => Promise<T>): Promise<T> {
    return this.#sql.begin(async (tx) => {
      await tx`set local role supabase_auth_admin`;
      return work(tx);
    }) as Promise<T>;
  }

  async byId(id: string): Promise<AuthUser | undefined> {
    return (await this.#read(this.#sql`u.id = ${id}`))[0];
  }

  async byEmail(email: string): Promise<AuthUser | undefined> {
    return (await this.#read(this.#sql`u.email = ${email.toLowerCase()} and not u.is_sso_user`))[0];
  }

  /** One page, newest first, and the number of all users. */
  async page(page: number, perPage: number): Promise<{ users: AuthUser[]; total: number }> {
    const chosen = this
      .#sql`u.id in (select id from auth.users order by created_at desc, id limit ${perPage} offset ${(page - 1) * perPage})`;
    const [count] = await this.#sql<{ total: number }[]>`select count(*)::int as total from auth.users`;
    return { users: await this.#read(chosen), total: count?.total ?? 0 };
  }

  /** Creates the user and its identity; rejects with `email_exists` or `phone_exists`. */
  async create(wanted: NewUser): Promise<AuthUser> {
    if (wanted.email && !looksLikeEmail(wanted.email)) {
      throw new AuthError(400, "validation_failed", "Unable to validate email address: invalid format");
    }
    const id = wanted.id ?? randomUUID();
    const email = wanted.email?.toLowerCase() ?? null;
    const provider = email ? "email" : "phone";
    const encrypted = wanted.password_hash ?? (await bcrypt.hash(wanted.password ?? randomUUID(), 10));
    const app = { provider, providers: [provider], ...wanted.app_metadata };
    const identity = {
      sub: id,
      ...(email && { email }),
      ...(wanted.phone && { phone: wanted.phone }),
      email_verified: wanted.email_confirm === true,
      phone_verified: wanted.phone_confirm === true,
    };
    await this.#asAuth(async (tx) => {
      await tx`
        insert into auth.users (id, aud, role, email, phone, encrypted_password, email_confirmed_at, phone_confirmed_at, invited_at,
                                banned_until, raw_app_meta_data, raw_user_meta_data)
        values (${id}, 'authenticated', ${wanted.role ?? "authenticated"}, ${email}, ${wanted.phone ?? null}, ${encrypted},
                ${wanted.email_confirm ? new Date() : null}, ${wanted.phone_confirm ? new Date() : null}, ${wanted.invited ? new Date() : null},
                ${bannedUntil(wanted.ban_duration) ?? null}, ${json(tx, app)}, ${json(tx, wanted.user_metadata)})`;
      await tx`insert into auth.identities (provider, provider_id, user_id, identity_data) values (${provider}, ${id}, ${id}, ${json(tx, identity)})`;
    }).catch(refuseDuplicate);
    return (await this.byId(id)) as AuthUser;
  }

  /** Changes what is given. Metadata is merged key by key, null removes a key. */
  async update(id: string, change: NewUser): Promise<AuthUser | undefined> {
    const columns = {
      updated_at: new Date(),
      ...(change.email && { email: change.email.toLowerCase() }),
      ...(change.phone && { phone: change.phone }),
      ...(change.password && { encrypted_password: await bcrypt.hash(change.password, 10) }),
      ...(change.password_hash && { encrypted_password: change.password_hash }),
      ...(change.email_confirm && { email_confirmed_at: new Date() }),
      ...(change.phone_confirm && { phone_confirmed_at: new Date() }),
      ...(change.role && { role: change.role }),
      ...(change.ban_duration && { banned_until: bannedUntil(change.ban_duration) }),
    };
    await this.#asAuth(async (tx) => {
      await tx`
        update auth.users set ${tx(columns)},
          raw_app_meta_data = (coalesce(raw_app_meta_data, '{}') || ${json(tx, change.app_metadata)}) - ${removedKeys(change.app_metadata)}::text[],
          raw_user_meta_data = (coalesce(raw_user_meta_data, '{}') || ${json(tx, change.user_metadata)}) - ${removedKeys(change.user_metadata)}::text[]
        where id = ${id}`;
      if (change.email) {
        await tx`
          update auth.identities set identity_data = identity_data || ${tx.json({ email: change.email.toLowerCase(), email_verified: true })}
           where user_id = ${id} and provider = 'email'`;
      }
    }).catch(refuseDuplicate);
    return this.byId(id);
  }

  /** Removes the user with sessions and identities; a soft delete keeps the row without anything that names a person. */
  async delete(id: string, soft: boolean): Promise<boolean> {
    return this.#asAuth(async (tx) => {
      if (!soft) return (await tx`delete from auth.users where id = ${id}`).count > 0;
      await tx`delete from auth.identities where user_id = ${id}`;
      await tx`delete from auth.sessions where user_id = ${id}`;
      const gone = await tx`
        update auth.users
           set deleted_at = now(), email = encode(sha256(convert_to(coalesce(email, id::text), 'utf8')), 'base64'), phone = null,
               encrypted_password = '', raw_user_meta_data = '{}', raw_app_meta_data = '{}'
         where id = ${id} and deleted_at is null`;
      return gone.count > 0;
    });
  }

  /** Sets a new code, which replaces any outstanding one in the same column. */
  async issueCode(user: AuthUser, column: "confirmation" | "recovery"): Promise<OneTimeCode> {
    const otp = String(randomInt(0, 1_000_000)).padStart(6, "0");
    const hash = tokenHash(user.email ?? "", otp);
    await this.#sql`
      update auth.users set ${this.#sql({ [`${column}_token`]: hash, [`${column}_sent_at`]: new Date() })} where id = ${user.id}`;
    return { otp, hash };
  }

  async setPassword(id: string, password: string): Promise<void> {
    await this.#sql`update auth.users set encrypted_password = ${await bcrypt.hash(password, 10)} where id = ${id}`;
  }

  #read(condition: PendingQuery<Row[]>): Promise<AuthUser[]> {
    return this.#sql<AuthUser[]>`
      select u.id, u.aud, u.role, u.email, coalesce(u.phone, '') as phone, u.email_confirmed_at, u.phone_confirmed_at, u.confirmed_at,
             u.invited_at, u.confirmation_sent_at, u.recovery_sent_at, u.last_sign_in_at, u.banned_until, u.deleted_at,
             u.raw_app_meta_data as app_metadata, u.raw_user_meta_data as user_metadata, u.created_at, u.updated_at, u.is_anonymous,
             (select coalesce(jsonb_agg(jsonb_build_object(
                'identity_id', i.id, 'id', i.provider_id, 'user_id', i.user_id, 'identity_data', i.identity_data, 'provider', i.provider,
                'last_sign_in_at', i.last_sign_in_at, 'created_at', i.created_at, 'updated_at', i.updated_at, 'email', i.email)
                order by i.created_at), '[]')
                from auth.identities i where i.user_id = u.id) as identities
        from auth.users u where ${condition} order by u.created_at desc, u.id` as unknown as Promise<AuthUser[]>;
  }
}

/** Good enough to refuse what cannot be delivered to; the confirming mail is the real test. */
export function looksLikeEmail(address: string): boolean {
  return /^[^\s@:;,<>()[\]"\\]+@[^\s@.:;,<>()]+(\.[^\s@.:;,<>()]+)+$/.test(address);
}

type Document = Record<string, unknown> | undefined;

const json = (tx: TransactionSql, document: Document) => tx.json((document ?? {}) as JSONValue);

const removedKeys = (document: Document) => Object.keys(document ?? {}).filter((key) => document?.[key] === null);

function refuseDuplicate(error: unknown): never {
  const { code, constraint_name: constraint } = error as { code?: string; constraint_name?: string };
  if (code !== "23505") throw error;
  throw constraint?.includes("phone")
    ? new AuthError(422, "phone_exists", "Phone number already registered by another user")
    : new AuthError(422, "email_exists", "A user with this email address has already been registered");
}

const unitMs: Record<string, number> = { ns: 1e-6, us: 1e-3, µs: 1e-3, ms: 1, s: 1000, m: 60_000, h: 3_600_000 };

/** End of a ban given as a Go duration (`24h`, `1h30m`) from now; null for `none`, undefined when none was asked for. */
function bannedUntil(duration: string | undefined): Date | null | undefined {
  if (!duration) return undefined;
  if (duration === "none") return null;
  const parts = [...duration.matchAll(/(\d+(?:\.\d+)?)(ns|us|µs|ms|s|m|h)/g)];
  if (parts.map((part) => part[0]).join("") !== duration)
    throw new AuthError(400, "validation_failed", `invalid format for ban duration: ${duration}`);
  return new Date(Date.now() + parts.reduce((sum, part) => sum + Number(part[1]) * (unitMs[part[2] ?? ""] ?? 0), 0));
}
