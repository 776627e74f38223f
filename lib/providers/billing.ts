import type { Provider } from "../connections/schema.ts";

/** A quantity as the provider reports it. Empty text = the provider does not say. `day` is a UTC date. */
export type ReportedUsage = {
  day: string;
  project: string;
  provider_key: string;
  model: string;
  /** As the price book spells it: standard, batch, flex, priority. */
  service_tier: string;
  region: string;
  unit: string;
  /** Decimal text. */
  quantity: string;
};

export type CostComponent = "input" | "cached_input" | "cache_write" | "output" | "other";

/** A line of the bill. `line_item`: in the provider's words, one per day, project and key; `amount`: US dollars as decimal text. */
export type BilledLine = {
  day: string;
  project: string;
  provider_key: string;
  line_item: string;
  model: string;
  component: CostComponent;
  amount: string;
};

export type BillingReport = { usage: ReportedUsage[]; costs: BilledLine[] };

/** UTC dates, half-open. */
export type BillingWindow = { from: string; to: string };

export type BillingContext = {
  credential: string;
  settings: Record<string, unknown>;
  /** Where the provider's APIs live, by host role: `api`, and `login` where tokens come from elsewhere. */
  baseUrls: Readonly<Record<string, string>>;
  fetch: typeof fetch;
  /** Milliseconds since 1970. */
  now: () => number;
  wait: (milliseconds: number) => Promise<void>;
};

/** One provider's billing: `test` makes the smallest call that needs the same rights; `report` fetches whole days. */
export type BillingAdapter = {
  provider: Provider;
  baseUrls: Readonly<Record<string, string>>;
  test: (context: BillingContext) => Promise<void>;
  report: (context: BillingContext, window: BillingWindow) => Promise<BillingReport>;
};

export type BillingErrorCode = "credential" | "permission" | "rate_limited" | "unavailable" | "malformed" | "settings" | "too_large";

/** Why billing could not be fetched, in a sentence for the person who has to do something about it. Never holds the credential. */
export class BillingError extends Error {
  override readonly name = "BillingError";
  readonly code: BillingErrorCode;
  readonly retryAfterSeconds: number | null;

  constructor(code: BillingErrorCode, message: string, retryAfterSeconds: number | null = null) {
    super(message);
    this.code = code;
    this.retryAfterSeconds = retryAfterSeconds;
  }
}

/**
 * Rows by the provider's own bucket identity: what a repeated page brings again replaces itself, so that nothing is doubled.
 */
class Buckets<Row extends object> {
  readonly #rows = new Map<string, Row>();
  readonly #identity: readonly (keyof Row)[];

  constructor(...identity: readonly (keyof Row)[]) {
    this.#identity = identity;
  }

  put(row: Row): void {
    this.#rows.set(JSON.stringify(this.#identity.map((field) => row[field])), row);
    if (this.#rows.size > 200_000) throw new BillingError("too_large", "The provider reports more than 200,000 rows for a week.");
  }

  rows(): Row[] {
    return [...this.#rows.values()];
  }
}

export const usageBuckets = () => new Buckets<ReportedUsage>("day", "project", "provider_key", "model", "service_tier", "region", "unit");
export const billedLines = () => new Buckets<BilledLine>("day", "project", "provider_key", "line_item");
