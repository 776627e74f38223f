import { z } from "zod";
import type { Provider } from "../connections/schema.ts";
import { anthropicBilling } from "./anthropic-billing.ts";
import { awsBilling } from "./aws-billing.ts";
import { azureBilling } from "./azure-billing.ts";
import type { BillingAdapter } from "./billing.ts";
import { googleBilling } from "./google-billing.ts";
import { openaiBilling } from "./openai-billing.ts";

/** Every provider whose bills can be fetched. */
export const billingAdapters: Readonly<Partial<Record<Provider, BillingAdapter>>> = {
  openai: openaiBilling,
  anthropic: anthropicBilling,
  aws: awsBilling,
  google: googleBilling,
  azure: azureBilling,
};

const BaseUrls = z.record(z.string(), z.record(z.string(), z.url()));

/**
 * The setting TOKENTRA_PROVIDER_URLS: JSON such as `{"openai": {"api": "https://proxy.example"}}`, for deployments that reach providers
 * through a proxy; undefined or empty = the providers' own addresses.
 */
export function readProviderUrls(setting: string | undefined): Partial<Record<Provider, Record<string, string>>> {
  return setting ? (BaseUrls.parse(JSON.parse(setting)) as Partial<Record<Provider, Record<string, string>>>) : {};
}
