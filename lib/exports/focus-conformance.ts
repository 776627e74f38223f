import { Decimal } from "decimal.js";
import { type FocusColumn, type FocusKind, focusColumns, serviceSubcategories } from "./focus-columns.ts";

/** One breach of FOCUS 1.2. `row` counts data rows from 1; 0 is the header. */
export type FocusProblem = { row: number; column: string; rule: string };

/** Multiplications of prices have far fewer digits than this; nothing is rounded. */
const Exact = Decimal.clone({ precision: 200 });

const numeric = /^-?\d+(\.\d+)?(E-?\d+)?$/;
const instant = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/;

function isKeyValue(cell: string): boolean {
  try {
    const found: unknown = JSON.parse(cell);
    if (typeof found !== "object" || found === null || Array.isArray(found)) return false;
    return Object.values(found).every((value) => value === null || typeof value !== "object");
  } catch {
    return false;
  }
}

const formats: Record<FocusKind, [is: (cell: string) => boolean, rule: string]> = {
  string: [(cell) => cell.trim() !== "", "must not be blank"],
  decimal: [(cell) => numeric.test(cell), "must be a number in Numeric Format"],
  price: [(cell) => numeric.test(cell) && !cell.startsWith("-"), "must be a number that is not negative"],
  datetime: [(cell) => instant.test(cell) && !Number.isNaN(Date.parse(cell)), "must be UTC as YYYY-MM-DDTHH:mm:ssZ"],
  currency: [(cell) => /^[A-Z]{3}$/.test(cell), "must be an ISO 4217 code"],
  keyvalue: [isKeyValue, "must be a JSON object whose values are no objects"],
};

type Row = (column: string) => string | undefined;

/** A rule between columns: what must hold in a row, about which column. `undefined`: the column is not in the data; "": null. */
type Relation = [column: string, rule: string, holds: (row: Row) => boolean];

const isNull = (cell: string | undefined): boolean => cell === undefined || cell === "";
const isUsageOrPurchase = (row: Row): boolean =>
  /^(Usage|Purchase)$/.test(row("ChargeCategory") ?? "") && row("ChargeClass") !== "Correction";

const needed = (column: string): Relation => [
  column,
  "must not be null for usage and purchases",
  (row) => row(column) !== "" || !isUsageOrPurchase(row),
];
const together = (column: string, other: string): Relation => [
  column,
  `must be null exactly where ${other} is`,
  (row) => row(column) === undefined || row(other) === undefined || isNull(row(column)) === isNull(row(other)),
];
const product = (price: string, cost: string): Relation => [
  cost,
  `must be ${price} × PricingQuantity`,
  (row) => {
    const [unitPrice, quantity, amount] = [row(price), row("PricingQuantity"), row(cost)].map((cell) => cell ?? "");
    if (row("ChargeClass") === "Correction" || ![unitPrice, quantity, amount].every((cell) => cell !== undefined && numeric.test(cell)))
      return true;
    return new Exact(unitPrice ?? 0).times(quantity ?? 0).equals(amount ?? 0);
  },
];
const ordered = (start: string, end: string): Relation => [end, `must come after ${start}`, (row) => (row(start) ?? "") < (row(end) ?? "")];

const relations: Relation[] = [
  ...["PricingQuantity", "ContractedUnitPrice", "ListUnitPrice", "PricingCategory", "SkuId", "SkuPriceId"].map(needed),
  [
    "ConsumedQuantity",
    "must not be null for usage",
    (row) =>
      row("ConsumedQuantity") !== "" ||
      row("ChargeCategory") !== "Usage" ||
      row("CommitmentDiscountStatus") === "Unused" ||
      row("ChargeClass") === "Correction",
  ],
  ["ConsumedQuantity", "must be null but for usage", (row) => isNull(row("ConsumedQuantity")) || row("ChargeCategory") === "Usage"],
  together("ConsumedUnit", "ConsumedQuantity"),
  together("PricingUnit", "PricingQuantity"),
  together("RegionName", "RegionId"),
  together("SubAccountName", "SubAccountId"),
  together("SubAccountType", "SubAccountId"),
  ["SkuMeter", "must be null where SkuId is", (row) => isNull(row("SkuMeter")) || !isNull(row("SkuId"))],
  ["SkuPriceDetails", "must be null where SkuPriceId is", (row) => isNull(row("SkuPriceDetails")) || !isNull(row("SkuPriceId"))],
  product("ContractedUnitPrice", "ContractedCost"),
  product("ListUnitPrice", "ListCost"),
  ordered("BillingPeriodStart", "BillingPeriodEnd"),
  ordered("ChargePeriodStart", "ChargePeriodEnd"),
  [
    "ChargeFrequency",
    "must not be Usage-Based for purchases",
    (row) => row("ChargeFrequency") !== "Usage-Based" || row("ChargeCategory") !== "Purchase",
  ],
  [
    "ServiceSubcategory",
    "must belong to its ServiceCategory",
    (row) =>
      isNull(row("ServiceSubcategory")) ||
      (serviceSubcategories[row("ServiceCategory") ?? ""] ?? []).includes(row("ServiceSubcategory") ?? ""),
  ],
];

function checkHeader(header: readonly string[]): FocusProblem[] {
  const problems: FocusProblem[] = [];
  const say = (column: string, rule: string) => problems.push({ row: 0, column, rule });
  for (const [name, { level }] of Object.entries(focusColumns)) {
    if (level === "mandatory" && !header.includes(name)) say(name, "must be present");
  }
  const firstCustom = header.findIndex((name) => name.startsWith("x_"));
  header.forEach((name, at) => {
    if (header.indexOf(name) !== at) say(name, "must be there once");
    const isCustom = name.startsWith("x_");
    if (!isCustom && !Object.hasOwn(focusColumns, name)) say(name, "must begin with x_, because FOCUS has no such column");
    if (!isCustom && firstCustom >= 0 && at > firstCustom) say(name, "must come before custom columns");
  });
  return problems;
}

function checkCell(cell: string, { kind, nullable, values }: FocusColumn): string | null {
  if (cell === "") return nullable ? null : "must not be null";
  const [is, rule] = formats[kind];
  if (!is(cell)) return rule;
  return values !== undefined && !values.includes(cell) ? `must be one of ${values.join(", ")}` : null;
}

/**
 * Holds a table against FOCUS 1.2: columns, data types and formats, nulls, allowed values, and the rules between columns that can be
 * decided from one row. An empty cell is null. Returns every breach, none for data that conforms.
 */
export function checkFocus(header: readonly string[], rows: Iterable<readonly string[]>): FocusProblem[] {
  const problems = checkHeader(header);
  const places = new Map(header.map((name, at) => [name, at]));
  let number = 0;
  for (const cells of rows) {
    number += 1;
    for (const [column, at] of places) {
      const constraint = focusColumns[column];
      const rule = constraint === undefined ? null : checkCell(cells[at] ?? "", constraint);
      if (rule !== null) problems.push({ row: number, column, rule });
    }
    const row: Row = (column) => {
      const at = places.get(column);
      return at === undefined ? undefined : (cells[at] ?? "");
    };
    for (const [column, rule, holds] of relations) if (!holds(row)) problems.push({ row: number, column, rule });
  }
  return problems;
}
