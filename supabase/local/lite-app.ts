import { App } from "@supabase/lite";
import type { SendAuthMail } from "./auth-mailer.ts";
import { liteMailer } from "./auth-mailer.ts";
import type { LiteConnection } from "./lite-connection.ts";
import type { ProjectConfig } from "./project-config.ts";
import type { Secrets } from "./secrets.ts";

export type LiteAppOptions = {
  lite: LiteConnection;
  secrets: Secrets;
  config: ProjectConfig;
  siteUrl: string;
  aggregates: boolean;
  sendMail: SendAuthMail;
};

/** One request to lite (REST or Auth); `peer` is the caller's address. */
export type LiteHandler = (request: Request, peer: string | null) => Promise<Response>;

/** REST and Auth, by the official lightweight server on our connection, with our mailer. */
export async function createLiteApp({ lite, secrets, config, siteUrl, aggregates, sendMail }: LiteAppOptions): Promise<LiteHandler> {
  const { template: _templates, ...email } = config.auth.email;
  const app = new App({
    connection: lite.connection,
    api: {
      schemas: config.api.schemas,
      extra_search_path: ["public", "extensions"],
      max_rows: config.api.max_rows,
      aggregates_enabled: aggregates,
    },
    auth: {
      enabled: true,
      site_url: siteUrl,
      additional_redirect_urls: [`${siteUrl}/**`],
      jwt_secret: secrets.jwtSecret,
      jwt_expiry: config.auth.jwt_expiry,
      enable_signup: config.auth.enable_signup,
      minimum_password_length: config.auth.minimum_password_length,
      refresh_token_reuse_interval: config.auth.refresh_token_reuse_interval,
      publishable_key: secrets.publishableKey,
      secret_key: secrets.secretKey,
      email,
    },
    options: { server: { disableStudio: true } },
  });
  app._mailer = liteMailer(sendMail);
  await app.init();
  return (request, peer) => app.fetch(request, { peerAddress: peer });
}
