import { z } from "zod";
import { Name } from "../orgs/schema.ts";

export const providers = ["openai", "anthropic", "aws", "google", "azure"] as const;
export const Provider = z.enum(providers);
export type Provider = z.infer<typeof Provider>;

export const providerNames: Record<Provider, string> = {
  openai: "OpenAI",
  anthropic: "Anthropic",
  aws: "AWS Bedrock",
  google: "Google Cloud",
  azure: "Azure OpenAI",
};

/** One field of a provider's form. `isSecret`: belongs to the credential, is sealed and never shown again. */
export type ConnectionField = { name: string; label: string; hint: string; isSecret: boolean; isLong?: boolean; placeholder?: string };

const secret = (name: string, label: string, hint: string, placeholder = ""): ConnectionField => ({
  name,
  label,
  hint,
  isSecret: true,
  placeholder,
});
const setting = (name: string, label: string, hint: string, placeholder = ""): ConnectionField => ({
  name,
  label,
  hint,
  isSecret: false,
  placeholder,
});

/** What each provider's billing needs, in the order of the form. */
export const connectionFields: Record<Provider, readonly ConnectionField[]> = {
  openai: [
    secret(
      "key",
      "Admin key",
      "An owner makes it at platform.openai.com › Settings › Admin keys. It is used to read usage and costs.",
      "sk-admin-…",
    ),
  ],
  anthropic: [
    secret(
      "key",
      "Admin key",
      "An admin makes it in the Console › Settings › Admin keys. It is used to read usage and costs.",
      "sk-ant-admin…",
    ),
  ],
  aws: [
    secret("access_key_id", "Access key id", "Of a user or role that may call ce:GetCostAndUsage, and nothing else.", "AKIA…"),
    secret("secret_access_key", "Secret access key", "Shown once, when the access key was made."),
  ],
  google: [
    {
      ...secret("service_account", "Service account key", "The JSON file. Roles: BigQuery Data Viewer on the export, BigQuery Job User."),
      isLong: true,
    },
    setting("table", "Billing export table", "The detailed usage cost export.", "project.dataset.gcp_billing_export_resource_v1_…"),
  ],
  azure: [
    setting("tenant_id", "Tenant id", "Of the directory that the application belongs to."),
    setting("client_id", "Application id", "An application with the role Cost Management Reader."),
    secret("client_secret", "Client secret", "Made under Certificates & secrets."),
    setting("subscription_id", "Subscription id", "Whose costs are read."),
  ],
};

const filled = z.string().trim().min(1, "This is needed.").max(16_000, "This is too long.");

/** A new connection as its form sends it: the fields of its provider, by name. */
export const ConnectionInput = z
  .object({ organization_id: z.uuid(), provider: Provider, name: Name, fields: z.record(z.string(), z.string()) })
  .transform((input, context) => {
    const read = readFields(input.provider, input.fields);
    for (const [field, message] of Object.entries(read.problems)) context.addIssue({ code: "custom", message, path: [field] });
    return { ...input, ...read };
  });

export type ConnectionValues = { settings: Record<string, string>; credential: string; keyHint: string };

/**
 * A provider's fields → what is stored in the open, and the credential: the secret itself when there is one field of it, else JSON.
 * `problems`: a sentence per field that will not do.
 */
export function readFields(provider: Provider, fields: Record<string, string>): ConnectionValues & { problems: Record<string, string> } {
  const settings: Record<string, string> = {};
  const secrets: Record<string, string> = {};
  const problems: Record<string, string> = {};
  for (const { name, isSecret } of connectionFields[provider]) {
    const reading = filled.safeParse(fields[name] ?? "");
    if (reading.success) (isSecret ? secrets : settings)[name] = reading.data;
    else problems[name] = reading.error.issues[0]?.message ?? "This is needed.";
  }
  const values = Object.values(secrets);
  const [only] = values;
  // The end of what is secret, but never of a file: that ends in brackets.
  const keyHint = provider === "google" ? "" : (values.at(-1) ?? "").slice(-4);
  return { settings, credential: values.length === 1 && only !== undefined ? only : JSON.stringify(secrets), keyHint, problems };
}

/** `pending`: never fetched yet; `error`: the last try failed. */
export type ConnectionStatus = "pending" | "connected" | "error";
