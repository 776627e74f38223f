import { toAppError } from "../core/database-errors.ts";
import type { OrganizationRole } from "../orgs/schema.ts";
import type { Db } from "../supabase/db.ts";

export type Member = {
  user_id: string;
  email: string;
  name: string | null;
  role: OrganizationRole;
  joined_at: string;
  last_sign_in_at: string | null;
};

export const membersKey = (organizationId: string) => ["members", organizationId] as const;

/** Who belongs to the organization, owners first, then by e-mail. */
export async function listMembers(db: Db, organizationId: string): Promise<Member[]> {
  const { data, error } = await db.rpc("organization_members_list", { p_organization_id: organizationId });
  if (error) throw toAppError(error);
  return data;
}

export type Invitation = { id: string; email: string; role: OrganizationRole; expires_at: string; created_at: string };

export const invitationsKey = (organizationId: string) => ["invitations", organizationId] as const;

/** Invitations that were neither accepted nor revoked, newest first; expired ones too, so that they can be renewed. */
export async function listOpenInvitations(db: Db, organizationId: string): Promise<Invitation[]> {
  const { data, error } = await db
    .from("invitations")
    .select("id, email, role, expires_at, created_at")
    .eq("organization_id", organizationId)
    .is("accepted_at", null)
    .is("revoked_at", null)
    .order("created_at", { ascending: false });
  if (error) throw toAppError(error);
  return data;
}

export type InvitationPreview = {
  organization_name: string;
  role: OrganizationRole;
  email_masked: string;
  state: "pending" | "accepted" | "revoked" | "expired";
  expires_at: string;
};

/** What the holder of a link may know before signing in; null for an unknown token. */
export async function invitationPreview(db: Db, token: string): Promise<InvitationPreview | null> {
  const { data, error } = await db.rpc("invitation_preview", { p_token: token }).maybeSingle<InvitationPreview>();
  if (error) throw toAppError(error);
  return data;
}
