import type { Permission } from "../../../lib/orgs/schema.ts";
import type { Tenant, World } from "./world.ts";

export const verbs = ["select", "insert", "update", "delete"] as const;
export type Verb = (typeof verbs)[number];

export interface TableAccess {
  /** Which permission opens a verb to people; a verb that is not named is open to nobody. */
  open: Partial<Record<Verb, Permission>>;
  /** Values that make a copied row a new one, by column. */
  fresh: Record<string, (tenant: Tenant, world: World) => string>;
  /** Verbs that not even the table's owner has. */
  never?: Verb[];
  /** Rows that tries to change or delete are made on, when not all will do. */
  where?: string;
  /** How the organization's column is called. */
  organization?: string;
}

const id = () => crypto.randomUUID();
const slug = () => `s-${crypto.randomUUID()}`;

/**
 * Every tenant table of public, and the permission behind each verb. Together with role_permissions this is the whole expectation:
 * the tests derive every case of organization × role × verb from it. A table that is missing here fails the tests.
 */
export const access: Record<string, TableAccess> = {
  organizations: {
    open: { select: "organization.read", update: "organization.write" },
    fresh: { id, slug },
    organization: "id",
  },
  organization_members: { open: { select: "members.read" }, fresh: { user_id: (_, world) => world.loose.id }, where: "role <> 'owner'" },
  teams: {
    open: { select: "teams.read", insert: "teams.write", update: "teams.write", delete: "teams.write" },
    fresh: { id, slug },
  },
  team_members: {
    open: { select: "teams.read", insert: "teams.write", delete: "teams.write" },
    fresh: { user_id: (tenant) => tenant.teamless.id },
  },
  projects: {
    open: { select: "projects.read", insert: "projects.write", update: "projects.write", delete: "projects.write" },
    fresh: { id, slug },
  },
  attribution_rules: {
    open: { select: "teams.read", insert: "teams.write", update: "teams.write", delete: "teams.write" },
    fresh: { id },
  },
  // Every role with usage.read sees what is shared; who sees what else is in saved-views.test.ts.
  saved_views: { open: { select: "usage.read" }, fresh: { id, name: id } },
  invitations: {
    open: { select: "members.read" },
    fresh: { id, email: () => `${crypto.randomUUID()}@example.com` },
  },
  api_keys: { open: { select: "api_keys.read" }, fresh: { id } },
  imports: { open: { select: "api_keys.read" }, fresh: { id } },
  connections: { open: { select: "connections.read" }, fresh: { id } },
  audit_log: { open: { select: "audit.read" }, fresh: { id }, never: ["update", "delete"] },
};
