import { askPrices, type PriceQuery } from "./queries.ts";

/** The questions about what changed afterwards: history priced anew, months, past totals, changes of the list that are held. */

export type ReRating = {
  id: string;
  window_from: string;
  window_to: string;
  reason: string;
  state: "running" | "done" | "cancelled";
  requested_by: string;
  created_at: string;
  finished_at: string | null;
  records_total: number;
  records_seen: number;
  records_changed: number;
  cost_before: string;
  cost_after: string;
  posted: string;
};

export function reRatingsQuery(organizationId: string): PriceQuery<ReRating[]> {
  return {
    key: ["prices", "re-ratings", organizationId],
    run: (db, signal) => askPrices(db, "list_re_ratings", { p_organization_id: organizationId }, signal),
  };
}

export type Period = {
  period_from: string;
  period_to: string;
  state: "closed" | "open" | "ahead";
  requests: number;
  unpriced_requests: number;
  cost: string;
  carried: string;
  posted: string;
  total: string;
  closed_at: string | null;
  closed_by: string | null;
};

export function periodsQuery(organizationId: string): PriceQuery<Period[]> {
  return {
    key: ["prices", "periods", organizationId],
    run: (db, signal) => askPrices(db, "list_periods", { p_organization_id: organizationId }, signal),
  };
}

export type AsKnown = { key: string; label: string; requests: number; unpriced_requests: number; cost: string; cost_now: string };

/** What a window cost as it was known at `knownAt`, in one row. */
export function asKnownQuery(organizationId: string, from: string, to: string, knownAt: string): PriceQuery<AsKnown[]> {
  return {
    key: ["prices", "as-known", organizationId, from, to, knownAt],
    run: (db, signal) =>
      askPrices(db, "spend_as_known", { p_organization_id: organizationId, p_from: from, p_to: to, p_known_at: knownAt }, signal),
  };
}

export type HeldPrice = {
  id: number;
  provider: string;
  model: string;
  held_at: string;
  source: string;
  is_used: boolean;
  diff: { reason: "moved" | "dropped"; unit: string; service_tier: string; region: string; was: string; becomes?: string }[];
};

export function heldPricesQuery(organizationId: string): PriceQuery<HeldPrice[]> {
  return {
    key: ["prices", "held", organizationId],
    run: (db, signal) => askPrices(db, "list_held_prices", { p_organization_id: organizationId }, signal),
  };
}
