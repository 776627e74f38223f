import type { IntrospectResult, VarsContext } from "@supabase/lite";
import type { PostgresConnection } from "@supabase/lite/postgres";
import { type Kysely, sql } from "kysely";
import type { ApiRoles } from "./api-roles.ts";
import { asPostgrestError } from "./database-errors.ts";
import { correctedConnection } from "./lite-driver.ts";
import { requestScope } from "./request-scope.ts";
import { correctIntrospection } from "./schema-cache.ts";
import { wireTypes } from "./wire-types.ts";

/** The methods of lite's connection that are wrong on Postgres. They are private in its types, hence replaced on the instance. */
type Internals = {
  ensureRlsContext(): Promise<boolean>;
  applyJwtSessionContext(db: Kysely<unknown>, vars: VarsContext): Promise<void>;
  introspect(options?: { useCache?: boolean }): Promise<IntrospectResult>;
  clearSchemaCache(): Promise<void>;
  viewOptionsMetadata: PostgresConnection["viewOptionsMetadata"];
  normalizeDbError(error: unknown): unknown;
};

export type LiteConnectionOptions = {
  /** Login without rights of its own: it only becomes what a request's token says. */
  url: string;
  /** Superuser, for reading the catalogue only: information_schema hides what a role may not use. */
  adminUrl: string;
  schemas: readonly string[];
  roles(): ApiRoles;
};

export type LiteConnection = { connection: PostgresConnection; clearSchemaCache(): void; close(): Promise<void> };

/** lite's Postgres connection with every override it needs to be safe; each has its contract test in `tests/lite-*.test.ts`. */
export function createLiteConnection(options: LiteConnectionOptions): LiteConnection {
  const pool = (url: string, max: number) => correctedConnection({ url, postgresOptions: { onnotice: () => {}, max, types: wireTypes } });
  const requests = pool(options.url, 10);
  const reading = pool(options.adminUrl, 2);
  const connection = requests.connection;
  const catalogue = reading.connection;
  const exposed = new Set(options.schemas);
  let cached: Promise<IntrospectResult> | null = null;

  const overrides: Internals = {
    // Otherwise: no RLS table at the first request → everything runs as the login for ever; some → GRANT ALL in those schemas.
    ensureRlsContext: async () => true,
    applyJwtSessionContext: (db, vars) => enterRequest(db, vars, options.roles()),
    introspect: (how) => {
      if (!cached || how?.useCache !== true) {
        const fresh: Promise<IntrospectResult> = read(catalogue, exposed).catch((error) => {
          if (cached === fresh) cached = null;
          throw error;
        });
        cached = fresh;
      }
      return cached;
    },
    clearSchemaCache: async () => {
      cached = null;
    },
    viewOptionsMetadata: (name, schema) => catalogue.viewOptionsMetadata(name, schema),
    normalizeDbError: asPostgrestError,
  };
  Object.assign(connection, overrides);

  return {
    connection,
    clearSchemaCache: () => {
      cached = null;
    },
    close: async () => {
      await Promise.all([requests.close(), reading.close()]);
    },
  };
}

async function read(catalogue: PostgresConnection, exposed: ReadonlySet<string>): Promise<IntrospectResult> {
  const found = await catalogue.introspect();
  // lite answers a failed introspection with an empty database, and would serve 404 for everything.
  if (!found.functions) throw new Error("The database's catalogue could not be read.");
  return correctIntrospection(found, exposed);
}

/** Takes the role and claims of a request for the current transaction: one round trip instead of lite's five. */
async function enterRequest(db: Kysely<unknown>, vars: VarsContext, roles: ApiRoles): Promise<void> {
  const auth = (vars.auth ?? {}) as { role?: string; uid?: string; jwt?: Record<string, unknown> };
  const role = auth.role || "anon";
  const claims = auth.jwt ?? { role };
  const settings: Record<string, string> = {
    // A role outside authenticator's (a forged or foreign token's) fails here with 42501 rather than reaching the login's others.
    role: roles.has(role) ? role : "none_such_role",
    ...roles.get(role),
    "request.jwt.claims": JSON.stringify(claims),
    "request.jwt.claim.sub": String(auth.uid ?? ""),
    "request.jwt.claim.role": role,
    "request.headers": JSON.stringify(requestScope.getStore()?.headers ?? {}),
  };
  const calls = Object.entries(settings).map(([name, value]) => sql`set_config(${name}, ${value}, true)`);
  await sql`select ${sql.join(calls)}`.execute(db);
}
