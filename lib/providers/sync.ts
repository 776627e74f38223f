import type { Provider } from "../connections/schema.ts";
import type { Log } from "../log/log.ts";
import { type BillingAdapter, type BillingContext, BillingError, type BillingReport, type BillingWindow } from "./billing.ts";

/** A connection that is due, leased to this worker. `credential` is the secret from the Vault: it goes to the provider and nowhere else. */
type SyncClaim = {
  organizationId: string;
  connectionId: string;
  provider: Provider;
  settings: Record<string, unknown>;
  credential: string;
  lease: string;
  window: BillingWindow;
};

/** What the worker needs from the database; every step is one function there. */
export type SyncStore = {
  claim: (limit: number) => Promise<SyncClaim[]>;
  /** True: up to date; false: more days wait; null: the lease is gone and nothing was stored. */
  store: (claim: SyncClaim, report: BillingReport) => Promise<boolean | null>;
  fail: (claim: SyncClaim, code: string, message: string, retryAfterSeconds: number | null) => Promise<void>;
};

export type BillingOutside = Pick<BillingContext, "fetch" | "now" | "wait"> & {
  adapters: Readonly<Partial<Record<Provider, BillingAdapter>>>;
  /** Other addresses than the providers' own, by provider and host role. */
  baseUrls?: Readonly<Partial<Record<Provider, Record<string, string>>>>;
};

export type SyncTools = BillingOutside & { store: SyncStore; log: Log };

/** The context of one provider's adapter; its addresses are configuration of the deployment, never of a customer. */
export function billingContext(
  { adapters, baseUrls, fetch, now, wait }: BillingOutside,
  provider: Provider,
  credential: string,
  settings: Record<string, unknown>,
): { adapter: BillingAdapter; context: BillingContext } {
  const adapter = adapters[provider];
  if (!adapter) throw new BillingError("settings", `${provider} cannot be synchronised here.`);
  return { adapter, context: { credential, settings, baseUrls: { ...adapter.baseUrls, ...baseUrls?.[provider] }, fetch, now, wait } };
}

/** Why a sync failed, as it may be shown and stored. */
export function describeFailure(error: unknown): { code: string; message: string; retryAfterSeconds: number | null } {
  if (error instanceof BillingError) return { code: error.code, message: error.message, retryAfterSeconds: error.retryAfterSeconds };
  return { code: "internal", message: "The sync failed on our side. It is tried again by itself.", retryAfterSeconds: null };
}

/**
 * Works off what is due until nothing is, or until `deadlineMs` from now. Each window is fetched whole before any of it is stored, in one
 * transaction: a credential that expires half-way leaves what was there.
 */
export async function syncDue(tools: SyncTools, deadlineMs = 100_000): Promise<{ windows: number; failures: number }> {
  const done = { windows: 0, failures: 0 };
  const until = tools.now() + deadlineMs;
  while (tools.now() < until) {
    const claims = await tools.store.claim(4);
    if (claims.length === 0) return done;
    await Promise.all(
      claims.map(async (claim) => {
        if (await syncWindow(tools, claim)) done.windows++;
        else done.failures++;
      }),
    );
  }
  return done;
}

async function syncWindow(tools: SyncTools, claim: SyncClaim): Promise<boolean> {
  const { connectionId, organizationId, provider, window } = claim;
  const fields = { connection_id: connectionId, organization_id: organizationId, provider, from: window.from, to: window.to };
  try {
    const { adapter, context } = billingContext(tools, provider, claim.credential, claim.settings);
    const report = await adapter.report(context, window);
    const stored = await tools.store.store(claim, report);
    tools.log.info({ ...fields, usage: report.usage.length, costs: report.costs.length, stored: stored !== null }, "billing fetched");
    return true;
  } catch (error) {
    const { code, message, retryAfterSeconds } = describeFailure(error);
    tools.log.warn({ ...fields, code, cause: error instanceof Error ? error.message : String(error) }, "billing not fetched");
    await tools.store.fail(claim, code, message, retryAfterSeconds);
    return false;
  }
}
