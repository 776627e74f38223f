import type { SupabaseClient } from "@supabase/supabase-js";
import { toAppError } from "../core/database-errors.ts";
import type { Money } from "../core/money.ts";
import type { Repriced } from "./repriced.ts";
import type { Scenario } from "./scenario.ts";

/** The questions about prices. Key element one is "prices". Rates are decimal strings of US dollars for `per` units. */

type PriceDb = Pick<SupabaseClient, "rpc">;
export type PriceQuery<T> = { key: readonly ["prices", ...unknown[]]; run: (db: PriceDb, signal?: AbortSignal) => Promise<T> };

export type PriceRow = {
  id: number | null;
  contract_id: number | null;
  provider: string;
  model: string;
  unit: string;
  service_tier: string;
  region: string;
  min_input_tokens: number;
  max_input_tokens: number | null;
  time_zone: string;
  is_windowed: boolean;
  list_rate: Money;
  per: number;
  contracted_rate: Money;
  discount_percent: string | null;
  valid_from: string | null;
  valid_to: string | null;
  known_from: string | null;
  known_to: string | null;
  state: "current" | "future" | "past" | "superseded";
  source: string;
  source_checked_on: string | null;
  total_rows: number;
};

export type PriceFilter = { search: string; provider: string; unit: string; tier: string; state: string; scope: string };

export type PriceFacets = {
  providers: string[];
  units: string[];
  service_tiers: string[];
  checked_at: string | null;
  next_change_at: string | null;
};

export type PriceLine = {
  unit: string;
  service_tier: string;
  rate: string;
  list_rate: Money;
  per: number;
  multipliers: { label: string; factor: string; source: string }[];
  discount_percent: string | null;
  contract_id: number | null;
  is_estimated: boolean;
  source: string;
};

export type PricePast = {
  id: number;
  unit: string;
  service_tier: string;
  region: string;
  min_input_tokens: number;
  max_input_tokens: number | null;
  rate: string;
  per: number;
  valid_from: string | null;
  valid_to: string | null;
  known_from: string;
  known_to: string | null;
  state: PriceRow["state"];
  is_windowed: boolean;
  time_zone: string;
  source: string;
  source_checked_on: string | null;
};

export type PriceDetails = {
  provider: string;
  model: string;
  matched_alias: string | null;
  is_exact: boolean | null;
  aliases: { name: string | null; pattern: string | null; is_exact: boolean; source: string; known_from: string }[];
  tiers: PriceLine[];
  history: PricePast[];
};

export type UnpricedModel = {
  provider: string;
  model: string;
  reason: "provider" | "model" | "unit";
  requests: number;
  unpriced_requests: number;
  tokens: number;
  first_seen: string;
  last_seen: string;
};

export type Override = {
  id: number;
  provider: string | null;
  model: string | null;
  unit: string | null;
  service_tier: string | null;
  rate: Money;
  discount_percent: string | null;
  note: string;
  valid_from: string | null;
  valid_to: string | null;
  known_from: string;
};

export type Commitment = {
  id: number;
  provider: string | null;
  amount: string;
  period: "month" | "term";
  valid_from: string;
  valid_to: string | null;
  note: string;
  period_from: string;
  period_to: string | null;
  spent: string;
  remaining: string;
};

export const PRICES_PAGE = 100;

/** One question to a function of the database; what goes wrong is thrown as an AppError. */
export async function askPrices<T>(db: PriceDb, name: string, args: Record<string, unknown>, signal?: AbortSignal): Promise<T> {
  const call = db.rpc(name, args);
  const { data, error } = await (signal ? call.abortSignal(signal) : call);
  if (error) throw toAppError(error);
  return data as T;
}

/** A page of the price book; ordered by provider, model, unit. */
export function pricesQuery(organizationId: string, filter: PriceFilter, limit = PRICES_PAGE, offset = 0): PriceQuery<PriceRow[]> {
  return {
    key: ["prices", "list", organizationId, filter, limit, offset],
    run: (db, signal) =>
      askPrices(
        db,
        "list_prices",
        {
          p_organization_id: organizationId,
          p_search: filter.search || null,
          p_provider: filter.provider || null,
          p_unit: filter.unit || null,
          p_service_tier: filter.tier || null,
          p_state: filter.state,
          p_scope: filter.scope,
          p_limit: limit,
          p_offset: offset,
        },
        signal,
      ),
  };
}

export function priceFacetsQuery(organizationId: string): PriceQuery<PriceFacets> {
  return {
    key: ["prices", "facets", organizationId],
    run: (db, signal) => askPrices(db, "price_facets", { p_organization_id: organizationId }, signal),
  };
}

/** One model by the price book's name or by one an application sends; null when nobody has a price for it. */
export function priceDetailsQuery(organizationId: string, provider: string, model: string): PriceQuery<PriceDetails | null> {
  return {
    key: ["prices", "details", organizationId, provider, model],
    run: (db, signal) =>
      askPrices(db, "price_details", { p_organization_id: organizationId, p_provider: provider, p_model: model }, signal),
  };
}

export function unpricedModelsQuery(organizationId: string): PriceQuery<UnpricedModel[]> {
  return {
    key: ["prices", "unpriced", organizationId],
    run: (db, signal) => askPrices(db, "unpriced_models", { p_organization_id: organizationId }, signal),
  };
}

export function overridesQuery(organizationId: string): PriceQuery<Override[]> {
  return {
    key: ["prices", "overrides", organizationId],
    run: (db, signal) => askPrices(db, "list_price_overrides", { p_organization_id: organizationId }, signal),
  };
}

export function commitmentsQuery(organizationId: string): PriceQuery<Commitment[]> {
  return {
    key: ["prices", "commitments", organizationId],
    run: (db, signal) => askPrices(db, "list_price_commitments", { p_organization_id: organizationId }, signal),
  };
}

type WhatIfArgs = {
  organizationId: string;
  from: string;
  to: string;
  filters: Readonly<Record<string, readonly string[]>>;
  scenario: Scenario;
};

/** A slice of history priced another way; see what_if() for the columns. `prices: "today"` takes the prices of the window's end. */
export function whatIfQuery({ organizationId, from, to, filters, scenario }: WhatIfArgs): PriceQuery<Repriced[]> {
  return {
    key: ["prices", "what-if", organizationId, from, to, filters, scenario],
    run: (db, signal) =>
      askPrices(
        db,
        "what_if",
        {
          p_organization_id: organizationId,
          p_from: from,
          p_to: to,
          p_filters: filters,
          p_provider: scenario.provider,
          p_model: scenario.model,
          p_service_tier: scenario.tier,
          p_tier_share: scenario.share,
          p_cache_hit_rate: scenario.cached,
          p_priced_at: scenario.prices === "today" ? to : null,
        },
        signal,
      ),
  };
}
