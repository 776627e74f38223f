/** The document that `private.import_price_catalogue()` takes; field names are column names, ranges are Postgres literals. */
export interface PriceBook {
  providers: ProviderAlias[];
  fallbacks: PlatformFallback[];
  multipliers: Multiplier[];
  aliases: ModelAlias[];
  rates: Rate[];
}

export interface ProviderAlias {
  alias: string;
  platform: string;
  source: string;
}

export interface PlatformFallback {
  platform: string;
  position: number;
  fallback_platform: string;
  source: string;
}

export interface Multiplier {
  platform: string;
  /** Regular expression on the model of the price book; absent = every model. */
  model_pattern?: string;
  service_tier?: string;
  region_pattern?: string;
  /** Exact decimal. */
  factor: string;
  /** Order in the chain: 10 service tier, 20 speed, 30 residency. */
  step: number;
  label: string;
  valid?: string;
  source: string;
  source_checked_on: string;
}

export interface ModelAlias {
  platform: string;
  /** The first match wins. */
  position: number;
  /** Literal name, lower case; or else */
  name?: string;
  /** like patterns and */
  likes?: string[];
  /** regular expressions that must all match the lower-case name. */
  patterns?: string[];
  model: string;
  is_exact: boolean;
  source: string;
}

export interface Rate {
  platform: string;
  model: string;
  unit: string;
  service_tier?: string;
  region?: string;
  context_tokens?: string;
  time_zone?: string;
  week_seconds?: string;
  /** US dollars per `per` units, exact decimal. */
  rate: string;
  per?: number;
  minimum_quantity?: string;
  valid?: string;
  source: string;
  source_checked_on?: string;
}
