import { readFileSync } from "node:fs";
import Decimal from "decimal.js";
import type { Usage } from "./prices-quote.ts";

/** Wide enough that no product of these tests is ever rounded. */
const Exact = Decimal.clone({ precision: 200 });

/** What an organization negotiated for the model of its case (or for a provider, or for everything): a rate per unit or a percentage off. */
export interface Agreement {
  provider?: string;
  unit?: string;
  rate?: string;
  discount?: string;
  tier?: string;
}

export interface GoldenCase {
  name: string;
  provider: string;
  model: string;
  service_tier?: string;
  region?: string;
  at: string;
  agreements?: Agreement[];
  usage: Usage;
  status: string;
  /** `quantity × dollars (/M, /k, /h) × factor + … = cost`, worked out by hand from the vendor's price list. */
  hand: string;
}

export const goldenCases: GoldenCase[] = JSON.parse(
  readFileSync(new URL("../../tests/support/fixtures/pricing/golden.json", import.meta.url), "utf8"),
);

export interface HandLine {
  quantity: string;
  amount: string;
}

/** Reads a hand calculation: its terms worked out anew in exact decimals, and the result it claims (null: no price). */
export function readHand(hand: string): { lines: HandLine[]; sum: string | null; claimed: string | null } {
  const [terms = "", result = ""] = hand.split(" = ");
  if (result === "null") return { lines: [], sum: null, claimed: null };
  const lines = terms.split(" + ").map(term);
  return { lines, sum: plain(lines.reduce((sum, line) => sum.plus(line.amount), new Exact(0))), claimed: result };
}

function term(text: string): HandLine {
  const [quantity = "", price = "", ...factors] = text.split(" × ");
  const [dollars = "", per = ""] = price.split("/");
  const product = factors.reduce((value, factor) => value.times(factor), new Exact(quantity).times(dollars));
  if (per === "h") return { quantity, amount: plain(product.dividedBy(3600).toDecimalPlaces(18, Decimal.ROUND_HALF_UP)) };
  const power = { M: 6, k: 3, "": 0 }[per];
  if (power === undefined) throw new Error(`Price of what? ${text}`);
  return { quantity, amount: plain(product.times(new Exact(10).pow(-power))) };
}

/** A decimal without exponent and without trailing zeros, as tests compare them. */
export function plain(value: Decimal.Value): string {
  return new Exact(value).toFixed();
}

export function sum(values: (string | null)[]): string {
  return plain(values.reduce<Decimal>((total, value) => total.plus(value ?? 0), new Exact(0)));
}
