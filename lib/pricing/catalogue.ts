import type { ConditionalPrice, MatchLogic, ModelInfo, Provider } from "@pydantic/genai-prices";
import { perOne, shortestDecimal } from "./decimals.ts";
import type { ModelAlias, PlatformFallback, ProviderAlias, Rate } from "./price-book.ts";
import { pricedUnits } from "./units.ts";
import { dailyWindow, intersect, multirange, secondOfDay, subtract, type WeekRange, weekSeconds } from "./week.ts";

export const catalogueSource = "@pydantic/genai-prices 0.1.8";

/** What a vendor publishes beyond what the catalogue's layout can say about its windows. */
export interface WindowCorrection {
  platform: string;
  model: string;
  /** The catalogue's daily windows are charged only from this day on, */
  from: string;
  /** and from this day on only on weekdays of the vendor's zone. */
  weekdaysOnlyFrom: string;
  /** Offset of the vendor's calendar, in which its days begin: `+08:00`. */
  offset: string;
  source: string;
}

type Prices = ConditionalPrice["prices"];
type Price = Prices[string];

/** Whole book of one provider. `corrections` are applied to its models' time-of-day prices. */
export function catalogueRates(provider: Provider, corrections: readonly WindowCorrection[] = []): Rate[] {
  return provider.models.flatMap((model) => {
    const correction = corrections.find((c) => c.platform === provider.id && c.model === model.id);
    return periods(model, correction).flatMap((period) => periodRates(provider.id, model, period));
  });
}

/** One price table with when it holds: days [from, to) and parts of the week. */
interface Period {
  prices: Prices;
  from: string | null;
  to: string | null;
  week: WeekRange[];
  offset: string;
}

const always: WeekRange[] = [[0, weekSeconds]];

/**
 * The catalogue lists conditional prices from general to special; the last one whose condition holds wins. Dates cut time into
 * eras, and inside an era the daily windows take their part of the week from whatever price would hold otherwise.
 */
function periods(model: ModelInfo, correction?: WindowCorrection): Period[] {
  const entries: ConditionalPrice[] = Array.isArray(model.prices) ? model.prices : [{ prices: model.prices }];
  const dates = entries.flatMap((e) => (e.constraint?.type === "start_date" ? [e.constraint.start_date] : []));
  const offset = correction?.offset ?? "Z";
  const edges = [...new Set([...dates, ...(correction ? [correction.from, correction.weekdaysOnlyFrom] : [])])].sort();
  return [null, ...edges].flatMap((from, index) => {
    const to = edges[index] ?? null;
    let open = always;
    const era: Period[] = [];
    for (const entry of entries.toReversed()) {
      const week = intersect(open, covers(entry, from, correction));
      if (week.length > 0) era.push({ prices: entry.prices, from, to, week, offset });
      open = subtract(open, week);
    }
    // When no condition holds the first entry does.
    if (open.length > 0) era.push({ prices: entries[0]!.prices, from, to, week: open, offset });
    return era;
  });
}

/** The part of the week for which an entry's condition holds in the era that starts at `from`. */
function covers(entry: ConditionalPrice, from: string | null, correction?: WindowCorrection): WeekRange[] {
  const constraint = entry.constraint;
  if (constraint === undefined) return always;
  if (constraint.type === "start_date") return from !== null && constraint.start_date <= from ? always : [];
  if (correction && (from === null || from < correction.from)) return [];
  const isWeekdaysOnly = correction !== undefined && from !== null && from >= correction.weekdaysOnlyFrom;
  return dailyWindow(secondOfDay(constraint.start_time), secondOfDay(constraint.end_time), isWeekdaysOnly ? [0, 1, 2, 3, 4] : undefined);
}

function periodRates(platform: string, model: ModelInfo, period: Period): Rate[] {
  return Object.entries(period.prices).flatMap(([key, price]) => {
    const priced = pricedUnits[key];
    if (!priced) throw new Error(`The catalogue prices ${platform}/${model.id} by ${key}, which has no unit here.`);
    return buckets(price).map(
      ({ context, amount }): Rate => ({
        platform,
        model: model.id,
        unit: priced.unit,
        rate: priced.power === undefined ? shortestDecimal(amount) : perOne(shortestDecimal(amount), priced.power),
        ...(priced.per === undefined ? {} : { per: priced.per }),
        ...(context === null ? {} : { context_tokens: context }),
        ...(period.from === null && period.to === null
          ? {}
          : { valid: `[${midnight(period.from, period)},${midnight(period.to, period)})` }),
        ...(period.week === always || isWholeWeek(period.week) ? {} : { week_seconds: multirange(period.week) }),
        source: catalogueSource,
      }),
    );
  });
}

const isWholeWeek = (week: WeekRange[]) => week.length === 1 && week[0]![0] === 0 && week[0]![1] === weekSeconds;
const midnight = (day: string | null, { offset }: Period) => (day === null ? "" : `${day}T00:00:00${offset}`);

/** A tier's price holds for requests with MORE input than `start`: its bucket begins one token later. */
function buckets(price: Price): { context: string | null; amount: number }[] {
  if (price === undefined) return [];
  if (typeof price === "number") return [{ context: null, amount: price }];
  const steps = [{ from: 0, amount: price.base }, ...price.tiers.map((tier) => ({ from: tier.start + 1, amount: tier.price }))].sort(
    (a, b) => a.from - b.from,
  );
  return steps.map((step, index) => ({ context: `[${step.from},${steps[index + 1]?.from ?? ""})`, amount: step.amount }));
}

/**
 * Names of a provider's models. Only match rules name a model, an id does not; but an id that its own rules are the first to
 * catch was meant as a name. Literals are exact, whatever a prefix, a fragment or an expression catches is not.
 */
export function catalogueAliases(provider: Provider): ModelAlias[] {
  const taken = new Set<string>();
  return provider.models.flatMap((model, index) => {
    const position = (index + 1) * 10;
    const alias = { platform: provider.id, position, model: model.id, source: catalogueSource };
    const id = model.id.toLowerCase();
    const names = clauses(model.match).flatMap((clause) => ("equals" in clause ? [clause.equals.toLowerCase()] : []));
    if (provider.models.find((other) => matches(other.match, id)) === model) names.push(id);
    const literals = names.filter((name) => !taken.has(name) && taken.add(name));
    const loose = clauses(model.match).filter((clause) => !("equals" in clause));
    return [
      ...literals.map((name): ModelAlias => ({ ...alias, name, is_exact: true })),
      ...loose.map((clause): ModelAlias => ({ ...alias, ...conditions(clause), is_exact: false })),
    ];
  });
}

/** The alternatives of a rule. */
function clauses(match: MatchLogic): MatchLogic[] {
  return "or" in match ? match.or.flatMap(clauses) : [match];
}

/**
 * A clause as conditions on the lower-case name, all of which must hold. `like` where it can say it: the database compiles an
 * expression anew for nearly every name of a batch, and most rules are prefixes.
 */
function conditions(clause: MatchLogic): Pick<ModelAlias, "likes" | "patterns"> {
  const parts = "and" in clause ? clause.and : [clause];
  const likes = parts.flatMap((part) => like(part) ?? []);
  const patterns = parts.flatMap((part) => (like(part) === null ? [expression(part)] : []));
  return { ...(likes.length > 0 ? { likes } : {}), ...(patterns.length > 0 ? { patterns } : {}) };
}

function like(clause: MatchLogic): string | null {
  if ("equals" in clause) return likeLiteral(clause.equals);
  if ("starts_with" in clause) return `${likeLiteral(clause.starts_with)}%`;
  if ("ends_with" in clause) return `%${likeLiteral(clause.ends_with)}`;
  if ("contains" in clause) return `%${likeLiteral(clause.contains)}%`;
  return null;
}

function expression(clause: MatchLogic): string {
  if ("regex" in clause) return clause.regex;
  throw new Error(`The catalogue nests rules deeper than we read: ${JSON.stringify(clause)}`);
}

const likeLiteral = (text: string) => text.toLowerCase().replace(/[\\%_]/g, "\\$&");

/** Whether a rule catches a lower-case name. */
function matches(match: MatchLogic, name: string): boolean {
  if ("or" in match) return match.or.some((m) => matches(m, name));
  if ("and" in match) return match.and.every((m) => matches(m, name));
  if ("equals" in match) return name === match.equals.toLowerCase();
  if ("starts_with" in match) return name.startsWith(match.starts_with.toLowerCase());
  if ("ends_with" in match) return name.endsWith(match.ends_with.toLowerCase());
  if ("contains" in match) return name.includes(match.contains.toLowerCase());
  return new RegExp(match.regex).test(name);
}

/** A provider is known by its id. Its loose rules ("anything with openai in it") would price strangers, so they are not taken. */
export function catalogueProviders(providers: readonly Provider[]): ProviderAlias[] {
  return providers.map((p) => ({ alias: p.id.toLowerCase(), platform: p.id, source: catalogueSource }));
}

/** Platforms that resell models at somebody else's list price. */
export function catalogueFallbacks(providers: readonly Provider[]): PlatformFallback[] {
  return providers.flatMap((p) =>
    (p.fallback_model_providers ?? []).map((fallback, index) => ({
      platform: p.id,
      position: index + 1,
      fallback_platform: fallback,
      source: catalogueSource,
    })),
  );
}
