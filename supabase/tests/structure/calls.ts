import type { TransactionSql } from "postgres";
import type { Permission } from "../../../lib/orgs/schema.ts";
import type { Tenant } from "./world.ts";

export interface Call {
  /** What the caller has to hold in the organization named by the first argument. */
  permission: Permission;
  /** Calls the function on `organizationId`; whatever else it names belongs to `tenant`. */
  run: (tx: TransactionSql, organizationId: string, tenant: Tenant) => Promise<unknown>;
}

const email = () => `${crypto.randomUUID()}@example.com`;

/**
 * Every function of public that acts on an organization, and the permission behind it. A function that is missing here (or, for questions,
 * in `questions`) fails the tests.
 */
export const calls: Record<string, Call> = {
  preview_attribution: {
    permission: "teams.write",
    run: (tx, id) => tx`select * from public.preview_attribution(${id}, now() - interval '1 day', now(), '{"feature": ["chat"]}')`,
  },
  save_view: {
    permission: "usage.read",
    run: (tx, id) => tx`select public.save_view(${id}, 'Mine', 'explore', 'by=team')`,
  },
  remove_view: {
    permission: "usage.read",
    run: (tx, id) => tx`select public.remove_view(${id}, public.save_view(${id}, 'Mine', 'explore', 'by=team'))`,
  },
  apply_attribution: {
    permission: "teams.write",
    run: (tx, id) => tx`select * from public.apply_attribution(${id}, now() - interval '1 day', now())`,
  },
  organization_members_list: {
    permission: "members.read",
    run: (tx, id) => tx`select * from public.organization_members_list(${id})`,
  },
  set_member_role: {
    permission: "members.write",
    run: (tx, id, tenant) => tx`select public.set_member_role(${id}, ${tenant.teamless.id}, 'member')`,
  },
  remove_member: {
    permission: "members.write",
    run: (tx, id, tenant) => tx`select public.remove_member(${id}, ${tenant.teamless.id})`,
  },
  create_invitation: {
    permission: "members.write",
    run: (tx, id) => tx`select * from public.create_invitation(${id}, ${email()}, 'member')`,
  },
  revoke_invitation: {
    permission: "members.write",
    run: (tx, id, tenant) => tx`select public.revoke_invitation(${id}, ${tenant.invitationId})`,
  },
  create_api_key: {
    permission: "api_keys.write",
    run: (tx, id) => tx`select * from public.create_api_key(${id}, 'Key', array['ingest'])`,
  },
  rotate_api_key: {
    permission: "api_keys.write",
    run: (tx, id, tenant) => tx`select * from public.rotate_api_key(${id}, ${tenant.apiKeyId}, 60)`,
  },
  revoke_api_key: {
    permission: "api_keys.write",
    run: (tx, id, tenant) => tx`select public.revoke_api_key(${id}, ${tenant.apiKeyId})`,
  },
  create_import_key: {
    permission: "api_keys.write",
    run: (tx, id) => tx`select * from public.create_import_key(${id}, 'usage.csv')`,
  },
  import_with_comparison: {
    permission: "api_keys.read",
    run: (tx, id, tenant) => tx`select public.import_with_comparison(${id}, ${tenant.importId})`,
  },
  delete_organization: {
    permission: "organization.delete",
    run: (tx, id, tenant) => tx`select public.delete_organization(${id}, ${tenant.organization.slug})`,
  },
  set_price_override: {
    permission: "prices.write",
    run: (tx, id) => tx`select public.set_price_override(${id}, 'openai', 'gpt-4o', p_discount_percent => 10)`,
  },
  start_re_rating: {
    permission: "prices.write",
    run: (tx, id) => tx`select public.start_re_rating(${id}, now() - interval '1 day', now(), 'Prices were wrong')`,
  },
  cancel_re_rating: {
    permission: "prices.write",
    run: (tx, id) =>
      tx`select public.cancel_re_rating(${id}, public.start_re_rating(${id}, now() - interval '1 day', now(), 'Prices were wrong'))`,
  },
  preview_price_override: {
    permission: "prices.write",
    run: (tx, id) =>
      tx`select * from public.preview_price_override(${id}, now() - interval '1 day', now(), 'openai', p_discount_percent => 10)`,
  },
  what_if: {
    permission: "usage.read",
    run: (tx, id) => tx`select * from public.what_if(${id}, now() - interval '1 day', now())`,
  },
  set_price_commitment: {
    permission: "prices.write",
    run: (tx, id) => tx`select public.set_price_commitment(${id}, 1000, 'month', now())`,
  },
  end_price_commitment: {
    permission: "prices.write",
    run: (tx, id) => tx`select public.end_price_commitment(${id}, public.set_price_commitment(${id}, 1000, 'month', now()))`,
  },
  end_price_override: {
    permission: "prices.write",
    run: (tx, id) => tx`select public.end_price_override(${id}, public.set_price_override(${id}, 'openai', p_discount_percent => 10))`,
  },
  create_connection: {
    permission: "connections.write",
    run: (tx, id) => tx`select public.create_connection(${id}, 'openai', 'Billing', '{}', 'sk-admin-0000')`,
  },
  rotate_connection: {
    permission: "connections.write",
    run: (tx, id, tenant) => tx`select public.rotate_connection(${id}, ${tenant.connectionId}, 'sk-admin-0001')`,
  },
  pause_connection: {
    permission: "connections.write",
    run: (tx, id, tenant) => tx`select public.pause_connection(${id}, ${tenant.connectionId}, true)`,
  },
  remove_connection: {
    permission: "connections.write",
    run: (tx, id, tenant) => tx`select public.remove_connection(${id}, ${tenant.connectionId})`,
  },
  link_provider_key: {
    permission: "connections.write",
    run: (tx, id, tenant) => tx`select public.link_provider_key(${id}, ${tenant.connectionId}, 'key_1')`,
  },
  list_connections: { permission: "connections.read", run: (tx, id) => tx`select * from public.list_connections(${id})` },
  list_provider_keys: { permission: "connections.read", run: (tx, id) => tx`select * from public.list_provider_keys(${id})` },
  reconciliation: {
    permission: "connections.read",
    run: (tx, id) => tx`select * from public.reconciliation(${id}, '2026-01-01', '2026-02-01')`,
  },
  reconciliation_summary: {
    permission: "connections.read",
    run: (tx, id) => tx`select * from public.reconciliation_summary(${id}, '2026-01-01', '2026-02-01')`,
  },
  refresh_reconciliation: {
    permission: "connections.read",
    run: (tx, id) => tx`select public.refresh_reconciliation(${id}, '2026-01-01', '2026-02-01')`,
  },
  adjust_to_bill: {
    permission: "connections.write",
    run: (tx, id) => tx`select public.adjust_to_bill(${id}, current_date - 10, current_date - 9, 'As billed', '7')`,
  },
  reverse_adjustment: {
    permission: "connections.write",
    run: (tx, id, tenant) => tx`select public.reverse_adjustment(${id}, ${tenant.adjustmentId}, 'A mistake')`,
  },
  list_adjustments: { permission: "connections.read", run: (tx, id) => tx`select * from public.list_adjustments(${id})` },
};

/**
 * Functions of public that read usage of an organization, tested with rows beside what they answer. Here each is shown to tell a foreign
 * organization from a missing one by nothing. The text is what follows `select * from public.`; $1 is the organization.
 */
const day = "now() - interval '1 day', now() + interval '1 hour'";
export const questions: Record<string, string> = {
  explain_change: `explain_change($1, ${day}, now() - interval '3 days', now() - interval '1 day', 'feature')`,
  filter_values: `filter_values($1, ${day}, 'feature')`,
  list_held_prices: "list_held_prices($1)",
  list_periods: "list_periods($1)",
  list_price_commitments: "list_price_commitments($1)",
  list_price_overrides: "list_price_overrides($1)",
  list_re_ratings: "list_re_ratings($1)",
  list_prices: "list_prices($1, 'gpt-4o', 'openai')",
  overview: "overview($1)",
  price_details: "price_details($1, 'openai', 'gpt-4o')",
  price_facets: "price_facets($1)",
  spend_as_known: `spend_as_known($1, ${day}, now(), 'feature')`,
  spend_by: `spend_by($1, ${day}, 'feature')`,
  spend_series: `spend_series($1, ${day}, 'hour', 'feature')`,
  spend_summary: `spend_summary($1, ${day})`,
  unpriced_models: "unpriced_models($1)",
  usage_live: "usage_live($1)",
  usage_pulse: "usage_pulse($1)",
  usage_request: "usage_request($1, 'same-id')",
  usage_requests: `usage_requests($1, ${day})`,
  verify_usage: "verify_usage($1)",
};

/** Functions of public that people may call and that name no organization: they act on the caller alone. */
export const callsWithoutOrganization = [
  "accept_invitation",
  "create_organization",
  "invitation_preview",
  "join_demo_organization",
  "my_organizations",
];

/** Functions that name an organization and are no matter of one permission, and where they are tried instead. */
export const callsOfTheirOwn: Record<string, string> = {
  close_period: "closes a month that is over, of which a new organization has none: prices-re-rating.test.ts",
  remove_demo_organization: "deletes for the owner of the demo, leaves for anyone else: demo.test.ts",
};
