import { csvCell } from "../core/csv.ts";
import { cellsOf, instantText } from "./columns.ts";
import type { Encoder, Names } from "./encode.ts";

/** What is asked of private.export_charges(), with the periods and the organization it was asked for in front. */
export const focusSource =
  "day_start day_end month_start month_end organization_id organization_name provider model service_tier region team_id project_id api_key_id feature environment cost_status price_card_id unit quantity unit_price list_unit_price cost list_cost".split(
    " ",
  );

type Charge = Readonly<Record<string, string>>;

const second = (cell = ""): string => `${instantText(cell).slice(0, 19)}Z`;
/** `cached_input_tokens` → `Cached Input Tokens`. */
const meter = (unit = ""): string =>
  unit
    .split("_")
    .map((word) => word.charAt(0).toUpperCase() + word.slice(1))
    .join(" ");
const isTokens = (charge: Charge): boolean => charge.unit?.endsWith("_tokens") ?? false;
const units = (charge: Charge): string => (isTokens(charge) ? "Tokens" : "Units");
const sku = ({ provider, model, unit }: Charge): string => `${provider}/${model}/${unit}`;
const keyValue = (pairs: Record<string, string | undefined>): string => {
  const set = Object.entries(pairs).filter(([, value]) => value !== undefined && value !== "");
  return set.length === 0 ? "" : JSON.stringify(Object.fromEntries(set));
};

/**
 * FOCUS 1.2 out of one charge. The organization is the billing account, a project the sub account; what a person or program named is a
 * tag. Billed, effective and contracted cost are the same here: what is metered is not yet an invoice.
 */
const columns: Record<string, (charge: Charge, names: Names) => string | undefined> = {
  BilledCost: (c) => c.cost,
  BillingAccountId: (c) => c.organization_id,
  BillingAccountName: (c) => c.organization_name,
  BillingCurrency: () => "USD",
  BillingPeriodEnd: (c) => second(c.month_end),
  BillingPeriodStart: (c) => second(c.month_start),
  ChargeCategory: () => "Usage",
  ChargeClass: () => "",
  ChargeDescription: (c) => `${c.model}: ${meter(c.unit)}`,
  ChargeFrequency: () => "Usage-Based",
  ChargePeriodEnd: (c) => second(c.day_end),
  ChargePeriodStart: (c) => second(c.day_start),
  ConsumedQuantity: (c) => c.quantity,
  ConsumedUnit: units,
  ContractedCost: (c) => c.cost,
  ContractedUnitPrice: (c) => c.unit_price,
  EffectiveCost: (c) => c.cost,
  InvoiceIssuerName: (c) => c.provider,
  ListCost: (c) => c.list_cost,
  ListUnitPrice: (c) => c.list_unit_price,
  PricingCategory: () => "Standard",
  PricingQuantity: (c) => c.quantity,
  PricingUnit: units,
  ProviderName: (c) => c.provider,
  PublisherName: (c) => c.provider,
  RegionId: (c) => c.region,
  RegionName: (c) => c.region,
  ServiceCategory: () => "AI and Machine Learning",
  ServiceName: (c) => `${c.provider} API`,
  ServiceSubcategory: () => "Generative AI",
  SkuId: sku,
  SkuMeter: (c) => meter(c.unit),
  SkuPriceDetails: (c) => keyValue({ x_ServiceTier: c.service_tier || "standard", x_Region: c.region }),
  SkuPriceId: (c) => `${sku(c)}/${c.service_tier || "standard"}/${c.region || "any"}/${c.price_card_id || "none"}`,
  SubAccountId: (c) => c.project_id,
  SubAccountName: (c, names) => c.project_id && (names.get(c.project_id) ?? c.project_id),
  SubAccountType: (c) => c.project_id && "Project",
  Tags: (c, names) => keyValue({ feature: c.feature, environment: c.environment, team: c.team_id && (names.get(c.team_id) ?? c.team_id) }),
  x_Model: (c) => c.model,
  x_ServiceTier: (c) => c.service_tier,
  x_TeamId: (c) => c.team_id,
  x_ApiKeyId: (c) => c.api_key_id,
  x_ApiKeyName: (c, names) => c.api_key_id && names.get(c.api_key_id),
  x_CostStatus: (c) => c.cost_status,
};

export const focusHeader = Object.keys(columns);

/** FOCUS 1.2 as CSV; an empty cell is null. */
export function focusEncoder(names: Names): Encoder {
  const bytes = new TextEncoder();
  const cells = Object.values(columns);
  return {
    mediaType: "text/csv; charset=utf-8; header=present",
    extension: "focus.csv",
    blockLines: 1_000,
    begin: () => bytes.encode(`${focusHeader.join(",")}\r\n`),
    write(lines) {
      let text = "";
      for (const line of lines) {
        const row = cellsOf(line);
        const charge = Object.fromEntries(focusSource.map((name, at) => [name, row[at] ?? ""]));
        text += `${cells.map((cell) => csvCell(cell(charge, names))).join(",")}\r\n`;
      }
      return bytes.encode(text);
    },
    end: () => new Uint8Array(),
  };
}
