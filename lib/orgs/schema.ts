import { z } from "zod";

/** Control characters, which would end a line of a mail header or a log, and halves of surrogate pairs, which are not text. */
const notText = /[\p{Control}\p{Surrogate}]/u;

/** A name people give to things: one line of 1 to 80 characters, around which white space does not count. */
export const Name = z
  .string()
  .trim()
  .min(1, "Give it a name.")
  .refine((value) => [...value].length <= 80, "Use at most 80 characters.")
  .refine((value) => !notText.test(value), "Use one line of plain text.");

/** The part of an address that names an organization, team or project. */
export const Slug = z
  .string()
  .trim()
  .regex(/^[a-z0-9]([a-z0-9-]{0,46}[a-z0-9])?$/, "Use 1 to 48 lower case letters, digits and inner hyphens.");

/** An IANA zone that this runtime knows; the database checks it against its own list once more. */
const TimeZone = z.string().refine(isTimeZone, "Choose a time zone such as Europe/Berlin.");

function isTimeZone(value: string): boolean {
  if (value !== "UTC" && !value.includes("/")) return false;
  try {
    new Intl.DateTimeFormat("en", { timeZone: value });
    return true;
  } catch {
    return false;
  }
}

export const organizationRoles = ["owner", "admin", "member", "viewer", "billing"] as const;
export const OrganizationRole = z.enum(organizationRoles);
export type OrganizationRole = z.infer<typeof OrganizationRole>;

/** Closed list, the same words as the database's; a test compares the two. */
export const permissions = [
  "organization.read",
  "organization.write",
  "organization.delete",
  "members.read",
  "members.write",
  "teams.read",
  "teams.write",
  "projects.read",
  "projects.write",
  "api_keys.read",
  "api_keys.write",
  "usage.read",
  "prices.read",
  "prices.write",
  "audit.read",
  "billing.read",
  "billing.write",
  "budgets.read",
  "budgets.write",
  "alerts.read",
  "alerts.write",
  "connections.read",
  "connections.write",
  "routing.read",
  "routing.write",
  "recommendations.read",
  "assistant.use",
] as const;
export type Permission = (typeof permissions)[number];

/** A new organization (without a slug the database makes one of the name), or its changed name and zone. */
export const OrganizationInput = z.object({ name: Name, slug: Slug.optional(), time_zone: TimeZone.default("UTC") });
export type OrganizationInput = z.infer<typeof OrganizationInput>;

export const TeamInput = z.object({ name: Name, slug: Slug });
export type TeamInput = z.infer<typeof TeamInput>;

export const ProjectInput = z.object({ name: Name, slug: Slug, team_id: z.uuid().nullable().default(null) });
export type ProjectInput = z.infer<typeof ProjectInput>;

export const InvitationInput = z.object({
  email: z.string().trim().toLowerCase().pipe(z.email("Type an e-mail address.").max(254, "Use at most 254 characters.")),
  role: OrganizationRole,
});
export type InvitationInput = z.infer<typeof InvitationInput>;

/** The slug a form proposes for a name: letters and digits without marks, joined by hyphens; may be empty. */
export function slugOf(name: string): string {
  return name
    .normalize("NFKD")
    .replace(/\p{M}/gu, "")
    .toLowerCase()
    .replaceAll("ß", "ss")
    .replace(/[^a-z0-9]+/g, "-")
    .slice(0, 48)
    .replace(/^-+|-+$/g, "");
}
