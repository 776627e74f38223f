import type { Provider } from "@pydantic/genai-prices";
import { waitForUpdate } from "@pydantic/genai-prices";
import {
  catalogueAliases,
  catalogueFallbacks,
  catalogueProviders,
  catalogueRates,
  type WindowCorrection,
} from "../../lib/pricing/catalogue.ts";
import { perOne } from "../../lib/pricing/decimals.ts";
import type { ModelAlias, PriceBook, Rate } from "../../lib/pricing/price-book.ts";
import { freeModerationNames, modelNames } from "./model-names.ts";
import { providerNames } from "./provider-names.ts";
import { freeModels, minimumQuantities, multipliers, tierRates, toolFees, uncertainPrices } from "./service-tiers.ts";

/** DeepSeek's notice: peak hours apply from 17 August 2026, Beijing time, and from 23 August not at weekends. */
const windowCorrections: WindowCorrection[] = ["deepseek-v4-flash", "deepseek-v4-pro"].map((model) => ({
  platform: "deepseek",
  model,
  from: "2026-08-17",
  weekdaysOnlyFrom: "2026-08-23",
  offset: "+08:00",
  source: "https://api-docs.deepseek.com/quick_start/pricing",
}));

/** The price list: the catalogue's data with our own rows, ready to import. Deterministic. */
export async function priceBook(): Promise<PriceBook> {
  const providers = await waitForUpdate();
  if (!providers) throw new Error("@pydantic/genai-prices carries no data.");
  return assemble(providers);
}

/** Joins a catalogue with our own rows; ours are tried before the catalogue's names and fill what its prices leave open. */
export function assemble(providers: readonly Provider[]): PriceBook {
  const listed = providers.flatMap((provider) => catalogueRates(provider, windowCorrections)).map(withMinimum);
  const priced = new Set(listed.map((rate) => `${rate.platform} ${rate.model} ${rate.unit}`));
  const own = [...tierRates, ...toolRates(providers), ...freeRates(providers)].filter(
    (rate) => rate.service_tier !== undefined || !priced.has(`${rate.platform} ${rate.model} ${rate.unit}`),
  );
  const ownNames = [...modelNames, ...freeModerationNames];
  const named = new Set(ownNames.map((alias) => `${alias.platform} ${alias.name}`));
  const listedNames = providers
    .flatMap(catalogueAliases)
    .filter((alias) => alias.name === undefined || !named.has(`${alias.platform} ${alias.name}`));
  const known = new Set(providers.map((provider) => provider.id));
  return {
    providers: [...catalogueProviders(providers), ...providerNames.filter((alias) => known.has(alias.platform))],
    fallbacks: catalogueFallbacks(providers),
    multipliers,
    aliases: [...ownNames, ...listedNames].map(withDoubt),
    rates: [...listed, ...own],
  };
}

function withDoubt(alias: ModelAlias): ModelAlias {
  const doubt = uncertainPrices.some((u) => u.platform === alias.platform && u.models.test(alias.model));
  return doubt ? { ...alias, is_exact: false } : alias;
}

function withMinimum(rate: Rate): Rate {
  const minimum = minimumQuantities.find((m) => m.platform === rate.platform && m.unit === rate.unit && m.models.test(rate.model));
  return minimum ? { ...rate, minimum_quantity: minimum.minimum } : rate;
}

function toolRates(providers: readonly Provider[]): Rate[] {
  return toolFees.flatMap((fee) =>
    modelsOf(providers, fee.platform, fee.models).map((model) => ({
      platform: fee.platform,
      model,
      unit: fee.unit,
      rate: perOne(fee.perThousand, 3),
      source: fee.source,
      source_checked_on: "2026-11-21",
    })),
  );
}

function freeRates(providers: readonly Provider[]): Rate[] {
  return freeModels.flatMap((free) =>
    modelsOf(providers, free.platform, free.models).flatMap((model) =>
      ["input_tokens", "output_tokens"].map((unit) => ({
        platform: free.platform,
        model,
        unit,
        rate: "0",
        source: free.source,
        source_checked_on: "2026-11-21",
      })),
    ),
  );
}

function modelsOf(providers: readonly Provider[], platform: string, pattern: RegExp): string[] {
  return providers.flatMap((p) => (p.id === platform ? p.models.map((m) => m.id) : [])).filter((id) => pattern.test(id));
}
