/**
 * What the structural tests let pass, each with its reason. A line that no longer excuses anything fails the tests too.
 * Keys are "<check>": { "<object>": "<why>" }.
 */
export const signed: Record<string, Record<string, string>> = {
  "tables carry organization_id": {
    "public.organizations": "is the organization",
    "public.role_permissions": "one table for all: role × permission",
    "private.api_key_scope_permissions": "one table for all: scope × permission",
  },
  "configuration is audited": {
    "public.audit_log": "is the audit",
  },
  "definer functions that people may run look at their caller": {
    "private.invitation_preview(text)": "whoever holds the token of an invitation may read its preview",
  },
  "policies are the one sentence": {
    "public.role_permissions role_permissions_select": "holds nothing of any tenant",
  },
};

/** Every function that may run without a session, by name; the definer body behind it included. */
export const anonFunctions = ["private.invitation_preview", "public.invitation_preview"];

/** Every function the machine doors may run, by name. */
export const doorFunctions = ["private.raise_error", "private.touch_api_keys", "private.use_api_key"];

/** What the secret key's role may run: nothing by itself, the Auth admin API needs none of ours. */
export const serviceFunctions: string[] = [];
