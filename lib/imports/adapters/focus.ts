import { type Adapter, leftOut, RowProblem, type SourceRow } from "../adapter.ts";
import { partsOf, shareOf } from "../buckets.ts";
import { cell, decimal, moment, objectOf, present, required, text } from "../cells.ts";
import { vendorNamed, vendorOfModel } from "../vendors.ts";

/** What one line meters, by the words of its meter. Order matters: "cached input" is not "input". */
const meters: [RegExp, string][] = [
  [/cache.*(write|creation).*(1\s?h|hour)|(1\s?h|hour).*cache.*(write|creation)/, "cache_write_1h_tokens"],
  [/cache.*(write|creation)|(write|creation).*cache/, "cache_write_5m_tokens"],
  [/cache/, "cached_input_tokens"],
  [/audio.*(out|generated)|(out|generated).*audio/, "output_audio_tokens"],
  [/audio/, "input_audio_tokens"],
  [/reasoning|thinking/, "reasoning_tokens"],
  [/output|completion|generated|response/, "output_tokens"],
  [/input|prompt|context|embedding/, "input_tokens"],
];

/** Units as bills write them: "Tokens", "1K tokens", "1M Tokens". Null when it is not tokens. */
function tokensPerUnit(unit: string): number | null {
  const match = /^(?:(1|1,?000|1,?000,?000)?\s*([km]|thousand|million)?\s*)?tokens?$/i.exec(unit.trim());
  if (match === null) return null;
  const factor = Number((match[1] ?? "1").replaceAll(",", ""));
  const scale = match[2]?.toLowerCase()[0];
  return factor * (scale === "k" || scale === "t" ? 1_000 : scale === "m" ? 1_000_000 : 1);
}

/** A decimal times a power of ten, as the whole number it is; exact, because digits are moved and not multiplied. */
function wholeTokens(quantity: string, factor: number): number | null {
  const [whole = "", fraction = ""] = quantity.split(".");
  const zeros = String(factor).length - 1;
  const rest = fraction.replace(/0+$/, "");
  if (/[eE-]/.test(quantity) || rest.length > zeros) return null;
  const tokens = Number(whole + rest.padEnd(zeros, "0"));
  return Number.isSafeInteger(tokens) ? tokens : null;
}

const inclusive: Record<string, "input_tokens" | "output_tokens"> = {
  cached_input_tokens: "input_tokens",
  cache_write_5m_tokens: "input_tokens",
  cache_write_1h_tokens: "input_tokens",
  input_audio_tokens: "input_tokens",
  reasoning_tokens: "output_tokens",
  output_audio_tokens: "output_tokens",
};

function usageOf(row: SourceRow): Record<string, number> {
  const category = text(row, "ChargeCategory") ?? "Usage";
  if (category !== "Usage") throw leftOut("cost_only", `a ${category.toLowerCase().slice(0, 30)}, not usage`);
  const unit = text(row, "ConsumedUnit", "PricingUnit") ?? "";
  const factor = tokensPerUnit(unit);
  const quantity = decimal(row, "ConsumedQuantity", "PricingQuantity");
  if (factor === null || quantity === null) {
    throw leftOut("cost_only", "a cost without tokens: it belongs to the reconciliation, and would be counted beside the usage");
  }
  const tokens = wholeTokens(quantity, factor);
  if (tokens === null) throw new RowProblem("invalid", "ConsumedQuantity is no whole number of tokens");
  const words = [text(row, "SkuMeter"), text(row, "x_TokenType"), text(row, "ChargeDescription"), text(row, "SkuId")]
    .join(" ")
    .toLowerCase();
  const meter = meters.find(([pattern]) => pattern.test(words))?.[1];
  if (meter === undefined) throw new RowProblem("unknown_usage", "no column says whether the tokens are input or output");
  const total = inclusive[meter];
  return total === undefined ? { [meter]: tokens } : { [total]: tokens, [meter]: tokens };
}

/** Our own export says the provider in our own word; elsewhere the service tells more than the cloud that sells it. */
function providerOf(row: SourceRow, model: string): string {
  if (Object.hasOwn(row, "x_CostStatus")) return required(text(row, "ProviderName"), "ProviderName");
  const service = text(row, "x_Provider", "ServiceName", "ServiceProviderName", "PublisherName", "ProviderName") ?? "";
  const vendor = /bedrock|azure|vertex|openai|anthropic|google|mistral|groq|together|fireworks/i.exec(service)?.[0];
  return vendor === undefined ? (vendorOfModel(model) ?? vendorNamed(service)) : vendorNamed(vendor);
}

/** FOCUS numbers no lines. What a line is about, all but its measures, names it: a corrected line then conflicts instead of counting twice. */
function lineName(row: SourceRow): string {
  const about = Object.entries(row).filter(([name, value]) => !/(Cost|Quantity|UnitPrice)$/.test(name) && value !== "" && value !== null);
  return JSON.stringify(about.sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** FOCUS 1.0 to 1.2 as CSV: one line per meter and charge period. Only lines that count tokens of a model become usage. */
export const focus: Adapter = {
  id: "focus",
  label: "FOCUS cost and usage",
  comesFrom: "The FOCUS export of a cloud or of a cost tool, as CSV.",
  kind: "buckets",
  matches: (columns) => columns.has("ChargePeriodStart") && columns.has("BilledCost"),
  read(row) {
    const currency = text(row, "BillingCurrency") ?? "USD";
    const usage = usageOf(row);
    const details = objectOf(cell(row, "SkuPriceDetails")) ?? {};
    const model = text(row, "x_Model", "x_ModelId") ?? text(details, "x_Model", "model", "Model", "ModelId");
    if (model === null) throw new RowProblem("no_model", "names no model (x_Model, or Model in SkuPriceDetails)");
    const starts = required(moment(row, "ChargePeriodStart"), "ChargePeriodStart");
    const ends = required(moment(row, "ChargePeriodEnd"), "ChargePeriodEnd");
    const tier = text(row, "x_ServiceTier") ?? text(details, "x_ServiceTier");
    const name = lineName(row);
    const parts = partsOf(usage.input_tokens ?? 0, null);
    const cost = currency === "USD" ? decimal(row, "EffectiveCost", "BilledCost") : null;
    return Array.from({ length: parts }, (_, index) => ({
      id: parts === 1 ? name : `${name}#${index + 1}/${parts}`,
      fields: present({
        timestamp: starts,
        provider: providerOf(row, model),
        model,
        region: text(row, "RegionId"),
        service_tier: tier,
        ...Object.fromEntries(Object.entries(usage).map(([meter, tokens]) => [meter, shareOf(tokens, index, parts)])),
        is_estimated: true,
        metadata: present({ bucket_end: ends, bucket_part: parts === 1 ? null : index + 1 }),
        normalizer: "import.focus",
      }),
      // A cost is not cut: it could not be cut exactly. The first part carries it, and the sum of a model is right.
      cost: index === 0 ? cost : null,
      bucket: { starts_at: starts, ends_at: ends },
    }));
  },
};
