/**
 * What the structural tests let pass, each with its reason. A line that no longer excuses anything fails the tests too.
 * Keys are "<check>": { "<object>": "<why>" }.
 */
export const signed: Record<string, Record<string, string>> = {
  "tables carry organization_id": {
    "public.organizations": "is the organization",
    "public.role_permissions": "one table for all: role × permission",
    "private.api_key_scope_permissions": "one table for all: scope × permission",
    "private.price_rates": "the list prices of the vendors, the same for all",
    "private.price_multipliers": "the list prices of the vendors, the same for all",
    "private.model_aliases": "what vendors call their models, the same for all",
    "private.provider_aliases": "what vendors are called, the same for all",
    "private.platform_fallbacks": "where else to look for a price, the same for all",
    "private.price_quarantine": "list prices that wait for a decision, the same for all",
    "private.price_cards": "rates without a name; a record points at its card and is itself a tenant's",
    "private.price_card_index": "a cache by model; the nil organization stands for list prices",
    "private.price_changes": "a queue for healing; organization null stands for all",
    "private.usage_keys": "found by a hash that contains the organization; one more index would cost every insert",
    "private.latency_buckets": "the bounds of a histogram, the same for all",
    "private.sync_calls": "tokens by which the scheduler calls the worker for all",
  },
  "configuration is audited": {
    "public.audit_log": "is the audit",
  },
  "definer functions that people may run look at their caller": {
    "private.invitation_preview(text)": "whoever holds the token of an invitation may read its preview",
  },
  "nothing is granted to everybody, nor on private tables to anybody": {
    "private.latency_buckets": "the bounds of a histogram, read where percentiles are worked out",
  },
  "policies are the one sentence": {
    "public.role_permissions role_permissions_select": "holds nothing of any tenant",
  },
};

/** Every function that may run without a session, by name; the definer body behind it included. */
export const anonFunctions = ["private.invitation_preview", "public.invitation_preview"];

/** Every function the machine doors may run, by name. */
export const doorFunctions = [
  "private.advance_import",
  "private.claim_syncs",
  "private.fail_sync",
  "private.finish_import",
  "private.open_sync_call",
  "private.raise_error",
  "private.record_spans",
  "private.record_usage",
  "private.start_import",
  "private.store_sync_window",
  "private.touch_api_keys",
  "private.tracked_buckets",
  "private.use_api_key",
];

/** What the secret key's role may run: nothing by itself, the Auth admin API needs none of ours. */
export const serviceFunctions: string[] = [];
