"use server";
import { z } from "zod";
import { done, failedBy, failedFields, type Result } from "../core/result.ts";
import { InvitationInput, OrganizationRole } from "../orgs/schema.ts";
import { createServerDb } from "../supabase/server.ts";
import { siteUrl } from "../supabase/settings.ts";

export type NewInvitation = { email: string; link: string; expires_at: string };

const Invite = InvitationInput.extend({ organization_id: z.uuid() });

/** Invites an address. The link is the only copy of its secret: it is shown once and kept nowhere. */
export async function inviteMember(form: FormData): Promise<Result<NewInvitation>> {
  const input = Invite.safeParse(Object.fromEntries(form));
  if (!input.success) return failedFields(input.error.issues);
  const { organization_id, email, role } = input.data;
  const db = await createServerDb();
  const { data, error } = await db.rpc("create_invitation", { p_organization_id: organization_id, p_email: email, p_role: role }).single();
  if (error) return failedBy(error);
  return done({ email, link: `${siteUrl()}/invite/${data.token}`, expires_at: data.expires_at });
}

export async function revokeInvitation(organizationId: string, id: string): Promise<Result> {
  const db = await createServerDb();
  const { error } = await db.rpc("revoke_invitation", { p_organization_id: organizationId, p_id: id });
  return error ? failedBy(error) : done(null);
}

export async function setMemberRole(organizationId: string, userId: string, role: string): Promise<Result> {
  const input = OrganizationRole.safeParse(role);
  if (!input.success) return failedFields(input.error.issues);
  const db = await createServerDb();
  const { error } = await db.rpc("set_member_role", { p_organization_id: organizationId, p_user_id: userId, p_role: input.data });
  return error ? failedBy(error) : done(null);
}

/** Ends a membership at once; one's own = leaving. */
export async function removeMember(organizationId: string, userId: string): Promise<Result> {
  const db = await createServerDb();
  const { error } = await db.rpc("remove_member", { p_organization_id: organizationId, p_user_id: userId });
  return error ? failedBy(error) : done(null);
}

/** Joins the organization an invitation is for. */
export async function acceptInvitation(token: string): Promise<Result<{ slug: string }>> {
  const db = await createServerDb();
  const { data, error } = await db.rpc("accept_invitation", { p_token: token }).single<{ slug: string }>();
  return error ? failedBy(error, { not_found: "This invitation link does not work. Ask for a new one." }) : done({ slug: data.slug });
}
