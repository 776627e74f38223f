import { toAppError } from "../core/database-errors.ts";
import type { Db } from "../supabase/db.ts";
import type { OrganizationRole } from "./schema.ts";

/** An organization as one of its members sees it: what it is, and what this person may do in it. */
export type MyOrganization = {
  id: string;
  slug: string;
  name: string;
  role: OrganizationRole;
  is_demo: boolean;
  time_zone: string;
  permissions: string[];
};

/** The organizations of the signed-in person, by name. */
export async function myOrganizations(db: Db): Promise<MyOrganization[]> {
  const { data, error } = await db.rpc("my_organizations");
  if (error) throw toAppError(error);
  return data.sort((a, b) => a.name.localeCompare(b.name));
}
