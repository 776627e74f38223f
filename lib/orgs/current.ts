import { notFound, redirect } from "next/navigation";
import { cache } from "react";
import type { Db } from "../supabase/db.ts";
import { createServerDb, currentUser, type SignedInUser } from "../supabase/server.ts";
import { type MyOrganization, myOrganizations } from "./queries.ts";
import { type OrganizationRole, Slug } from "./schema.ts";

export type CurrentOrganization = {
  organization: MyOrganization;
  role: OrganizationRole;
  permissions: ReadonlySet<string>;
  organizations: MyOrganization[];
  user: SignedInUser;
  db: Db;
};

const mine = cache(async (): Promise<MyOrganization[]> => myOrganizations(await createServerDb()));

/** The signed-in person, or off to sign-in. */
export async function requireUser(): Promise<{ user: SignedInUser; organizations: MyOrganization[]; db: Db }> {
  const user = await currentUser();
  if (!user) redirect("/login");
  return { user, organizations: await mine(), db: await createServerDb() };
}

/** The organization that a URL names, or null when the signed-in person does not belong to it or it does not exist. */
export const findOrganization = cache(async (slug: string): Promise<CurrentOrganization | null> => {
  if (!Slug.safeParse(slug).success) return null;
  const { user, organizations, db } = await requireUser();
  const organization = organizations.find((entry) => entry.slug === slug);
  if (!organization) return null;
  return { organization, role: organization.role, permissions: new Set(organization.permissions), organizations, user, db };
});

/**
 * As findOrganization; a foreign one and a missing one are the same 404. Membership is read from the database at every request,
 * so that a removal takes effect at once.
 */
export async function requireOrganization(slug: string): Promise<CurrentOrganization> {
  return (await findOrganization(slug)) ?? notFound();
}

/** As requireOrganization, for pages that need a permission; false = show the "no permission" state. */
export async function organizationWith(slug: string, permission: string): Promise<CurrentOrganization & { allowed: boolean }> {
  const current = await requireOrganization(slug);
  return { ...current, allowed: current.permissions.has(permission) };
}
