import type { OrganizationRole } from "./schema.ts";

/** The address an organization gets from its name, as the database makes it (which adds a tail when it is taken). */
export function slugPreview(name: string): string {
  if (!name.trim()) return "";
  const trim = (text: string) => text.replace(/^-+|-+$/g, "");
  return trim(trim(name.toLowerCase().replace(/[^a-z0-9]+/g, "-")).slice(0, 40)) || "organization";
}

export type RoleInfo = { value: OrganizationRole; label: string; hint: string };

/** The roles in words; what each may do is decided by role_permissions in the database. */
export const roles: readonly RoleInfo[] = [
  { value: "owner", label: "Owner", hint: "Everything, including deleting the organization." },
  { value: "admin", label: "Admin", hint: "Manages members, teams, projects and API keys." },
  { value: "member", label: "Member", hint: "Reads costs, usage, teams and projects." },
  { value: "viewer", label: "Viewer", hint: "Reads costs and usage." },
  { value: "billing", label: "Billing", hint: "Reads everything, manages billing." },
];

export function roleLabel(role: string): string {
  return roles.find(({ value }) => value === role)?.label ?? role;
}
