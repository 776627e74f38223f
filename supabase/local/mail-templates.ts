import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { escapeHtml, type Mail } from "./mailbox.ts";
import type { ProjectConfig } from "./project-config.ts";

export type MailKind = "confirmation" | "recovery" | "magic_link" | "email_change" | "invite" | "reauthentication";

/** Variables of a template, by GoTrue's names. */
type MailValues = { Email: string; NewEmail?: string; Token: string; TokenHash: string; SiteURL: string; RedirectTo: string };

export type WriteMail = (kind: MailKind, to: string, values: MailValues) => Promise<Mail>;

/** Fills the templates that config.toml names; they are the ones a hosted project gets. */
export function mailWriter(config: ProjectConfig, root: URL): WriteMail {
  return async (kind, to, values) => {
    const { subject = "Your code", content_path: path } = config.auth.email.template[kind] ?? {};
    const template = path ? await readFile(fileURLToPath(new URL(path, root)), "utf8") : "<p>Your code: {{ .Token }}</p>";
    return {
      to,
      subject: fill(subject, values, (text) => text),
      html: fill(template, values, escapeHtml),
      text: `Your code: ${values.Token}`,
      otp: values.Token,
    };
  };
}

function fill(template: string, values: MailValues, encode: (text: string) => string): string {
  const text: Record<string, string | undefined> = values;
  // In a link's query a value is percent-encoded, as Go's html/template does; the origin at its start is not.
  const encoded = template.replace(
    /([?&;][\w.]+=)\{\{\s*\.(\w+)\s*\}\}/g,
    (_, before: string, name: string) => before + encodeURIComponent(text[name] ?? ""),
  );
  return encoded.replace(/\{\{\s*\.(\w+)\s*\}\}/g, (_, name: string) => encode(text[name] ?? ""));
}
