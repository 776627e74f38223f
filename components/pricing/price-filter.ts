import type { PriceFilter } from "@/lib/pricing/queries.ts";
import { PRICES_PAGE } from "@/lib/pricing/queries.ts";

const PRICE_TABS = ["list", "agreements", "unpriced", "history", "held"] as const;
type PriceTab = (typeof PRICE_TABS)[number];

const STATES = ["current", "future", "past", "all"];
const SCOPES = ["all", "used", "contracted"];

/** Which part of the page the address asks for. */
export function readPriceTab(get: (name: string) => string): PriceTab {
  return PRICE_TABS.find((tab) => tab === get("tab")) ?? "list";
}

/** The narrowing of the price list in the address; what does not parse falls back to everything in force. */
export function readPriceFilter(get: (name: string) => string): PriceFilter {
  return {
    search: get("q").slice(0, 200),
    provider: get("provider"),
    unit: get("unit"),
    tier: get("tier"),
    state: STATES.includes(get("state")) ? get("state") : "current",
    scope: SCOPES.includes(get("scope")) ? get("scope") : "all",
  };
}

/** How many rows the list shows; "more" adds as many again. */
export function readPriceRows(get: (name: string) => string): number {
  const rows = Number(get("rows"));
  return Number.isInteger(rows) && rows > PRICES_PAGE && rows <= 1000 ? rows : PRICES_PAGE;
}
