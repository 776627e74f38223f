import type { Log } from "../../lib/log/log.ts";
import { billingAdapters } from "../../lib/providers/billing-adapters.ts";
import { syncDue } from "../../lib/providers/sync.ts";
import { createSyncStore } from "../../lib/providers/sync-store.ts";
import { as, type Organization } from "../../tests/support/people.ts";
import type { TestStack } from "../../tests/support/stack.ts";

const silent: Log = { info() {}, warn() {}, error() {} };

/** A connection made by the owner; the worker is not called for it, because the Vault of a test names no project. */
export async function makeConnection(
  stack: TestStack,
  organization: Organization,
  {
    provider = "openai",
    credential = "sk-admin-test-0000",
    settings = {},
  }: { provider?: string; credential?: string; settings?: Record<string, string> } = {},
): Promise<string> {
  const [made] = await as(
    stack,
    organization.owner,
    (tx) => tx<{ id: string }[]>`
      select public.create_connection(${organization.id}, ${provider}, ${`${provider} billing`}, ${JSON.stringify(settings)}::text::jsonb,
        ${credential}, ${credential.slice(-4)}) as id`,
  );
  return made!.id;
}

/** The worker over the real adapters and the real store, for one organization, because other tests have connections too. */
export async function sync(stack: TestStack, organization: Organization, baseUrls: Record<string, Record<string, string>>) {
  const store = createSyncStore(stack.sql, organization.id);
  const outside = { adapters: billingAdapters, baseUrls, fetch, now: () => Date.now(), wait: async () => {} };
  return syncDue({ ...outside, store, log: silent }, 60_000);
}
