import { readFile } from "node:fs/promises";
import { parse } from "smol-toml";
import { z } from "zod";

const template = z.object({ subject: z.string().optional(), content_path: z.string().optional() });

const configSchema = z.object({
  api: z.object({ schemas: z.array(z.string()).default(["public"]), max_rows: z.number().default(1000) }).prefault({}),
  auth: z
    .object({
      jwt_expiry: z.number().default(3600),
      enable_signup: z.boolean().default(true),
      minimum_password_length: z.number().default(6),
      refresh_token_reuse_interval: z.number().default(10),
      email: z
        .object({
          enable_signup: z.boolean().default(true),
          enable_confirmations: z.boolean().default(false),
          double_confirm_changes: z.boolean().default(true),
          otp_length: z.number().default(6),
          otp_expiry: z.number().default(3600),
          template: z.record(z.string(), template).default({}),
        })
        .prefault({}),
    })
    .prefault({}),
  functions: z.record(z.string(), z.object({ verify_jwt: z.boolean().default(true) })).default({}),
});

export type ProjectConfig = z.infer<typeof configSchema>;

/** The checkout's root, which the paths in config.toml start from. */
export const projectRoot = new URL("../../", import.meta.url);

/** What the local stack takes from `supabase/config.toml` under `root`: the same file configures a hosted project. */
export async function readProjectConfig(root: URL): Promise<ProjectConfig> {
  const text = await readFile(new URL("supabase/config.toml", root), "utf8");
  return configSchema.parse(parse(text));
}
