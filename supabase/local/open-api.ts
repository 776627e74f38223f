import type { Sql } from "postgres";
import { apiKeyRoles } from "./api-keys.ts";
import { readAggregatesEnabled, readApiRoles } from "./api-roles.ts";
import { adminApi } from "./auth-admin.ts";
import { linkIssuer } from "./auth-links.ts";
import { authMailSender } from "./auth-mailer.ts";
import { AuthUsers } from "./auth-users.ts";
import { callerReader } from "./caller.ts";
import type { Functions } from "./functions.ts";
import { openGateway } from "./gateway.ts";
import { createLiteApp } from "./lite-app.ts";
import { createLiteConnection } from "./lite-connection.ts";
import { mailWriter } from "./mail-templates.ts";
import { Mailbox } from "./mailbox.ts";
import type { ProjectConfig } from "./project-config.ts";
import { startRealtime } from "./realtime-link.ts";
import type { Secrets } from "./secrets.ts";
import { loadTokenKeys } from "./token-keys.ts";
import { createTokenMinting } from "./token-minting.ts";

export type ApiOptions = {
  sql: Sql;
  port: number;
  supabaseUrl: string;
  siteUrl: string;
  liteUrl: string;
  adminUrl: string;
  secrets: Secrets;
  config: ProjectConfig;
  /** The checkout that config.toml and mail templates are read from. */
  root: URL;
  thirdPartyIssuers: Record<string, string>;
  functions: Functions;
  log(line: string): void;
};

/** REST, Auth, Functions, Realtime and mailbox on one port, over a database that is ready. Returns what closes them. */
export async function openApi(options: ApiOptions): Promise<() => Promise<void>> {
  const { sql, secrets, config, siteUrl } = options;
  const issuer = `${options.supabaseUrl}/auth/v1`;
  const keys = await loadTokenKeys(secrets, options.thirdPartyIssuers);
  const roleOfKey = apiKeyRoles(secrets);
  let roles = await readApiRoles(sql);

  const lite = createLiteConnection({ url: options.liteUrl, adminUrl: options.adminUrl, schemas: config.api.schemas, roles: () => roles });
  const listening = await sql.listen("pgrst", async () => {
    lite.clearSchemaCache();
    roles = await readApiRoles(sql).catch(() => roles);
  });

  const mailbox = new Mailbox();
  const sendMail = authMailSender(mailbox, mailWriter(config, options.root), siteUrl);
  const users = new AuthUsers(sql);
  const signup = {
    users,
    sendMail,
    confirmations: config.auth.email.enable_confirmations,
    signupEnabled: config.auth.enable_signup && config.auth.email.enable_signup,
    minimumPasswordLength: config.auth.minimum_password_length,
  };
  const admin = adminApi(users, linkIssuer(users, sendMail, issuer, siteUrl), keys, issuer);
  const handler = await createLiteApp({ lite, secrets, config, siteUrl, aggregates: await readAggregatesEnabled(sql), sendMail });
  const database = new URL(options.adminUrl);
  const realtime = await startRealtime({
    sql,
    replication: {
      host: database.hostname,
      port: Number(database.port),
      user: database.username,
      password: database.password,
      database: database.pathname.slice(1),
    },
    verifyToken: keys.verify,
    roleOfKey,
    log: options.log,
  });
  const gateway = await openGateway({
    port: options.port,
    auth: { sql, keys, tokens: createTokenMinting(keys, sql, issuer), lite: handler, signup, admin },
    readCaller: callerReader(roleOfKey, keys, { anon: secrets.publishableKey, service_role: secrets.secretKey }),
    functions: options.functions,
    realtime,
    mailbox,
    log: options.log,
  });
  return async () => {
    await gateway.close();
    await realtime?.close();
    await listening.unlisten().catch(() => {});
    await lite.close();
  };
}
