import Papa from "papaparse";
import { describe, expect, it } from "vitest";
import { focusEncoder, focusHeader, focusSource } from "../../lib/exports/focus.ts";
import { focusColumns, serviceSubcategories } from "../../lib/exports/focus-columns.ts";
import { checkFocus } from "../../lib/exports/focus-conformance.ts";

const charge: Record<string, string> = {
  day_start: "2026-10-31 18:15:00+00",
  day_end: "2026-11-01 18:15:00+00",
  month_start: "2026-10-31 18:15:00+00",
  month_end: "2026-11-30 18:15:00+00",
  organization_id: "0b0f6c2e-6f6a-4f0e-9d0e-0a2b6a8a4a11",
  organization_name: "Acme",
  provider: "openai",
  model: "gpt-5-mini",
  service_tier: "batch",
  region: "eu",
  project_id: "7d1f6c2e-6f6a-4f0e-9d0e-0a2b6a8a4a11",
  feature: 'say "hi", {all}',
  cost_status: "exact",
  price_card_id: "17",
  unit: "cached_input_tokens",
  quantity: "123456789",
  unit_price: "0.0000000112",
  list_unit_price: "0.0000000125",
  cost: "1.3827160368",
  list_cost: "1.5432098625",
};

const written = new TextDecoder().decode(
  focusEncoder(new Map()).write([focusSource.map((name) => (charge[name] ?? "").replaceAll(",", "\\,")).join(",")]),
);
const row = Papa.parse<string[]>(written.trimEnd(), { newline: "\r\n" }).data[0] ?? [];
const changed = (changes: Record<string, string>) => focusHeader.map((name, at) => changes[name] ?? row[at] ?? "");
const breaches = (changes: Record<string, string>) =>
  checkFocus(focusHeader, [changed(changes)]).map(({ column, rule }) => `${column} ${rule}`);

describe("the specification as data", () => {
  it("has the columns of FOCUS 1.2", () => {
    const levels = Object.values(focusColumns).map(({ level }) => level);
    expect(levels).toHaveLength(57);
    expect(levels.filter((level) => level === "mandatory")).toHaveLength(21);
    expect(Object.keys(serviceSubcategories).toSorted()).toEqual([...(focusColumns.ServiceCategory?.values ?? [])].toSorted());
  });
});

describe("what we write", () => {
  it("conforms", () => {
    expect(checkFocus(focusHeader, [row])).toEqual([]);
    expect(Object.fromEntries(focusHeader.map((name, at) => [name, row[at]]))).toMatchObject({
      ChargePeriodStart: "2026-10-31T18:15:00Z",
      SkuId: "openai/gpt-5-mini/cached_input_tokens",
      SkuMeter: "Cached Input Tokens",
      PricingUnit: "Tokens",
      Tags: JSON.stringify({ feature: charge.feature }),
      ChargeClass: "",
    });
  });

  it("has every mandatory column, ours behind those of FOCUS", () => {
    expect(Object.keys(focusColumns).filter((name) => focusColumns[name]?.level === "mandatory" && !focusHeader.includes(name))).toEqual(
      [],
    );
    expect(focusHeader.findLastIndex((name) => !name.startsWith("x_"))).toBeLessThan(
      focusHeader.findIndex((name) => name.startsWith("x_")),
    );
  });
});

describe("the check", () => {
  it("misses each mandatory column", () => {
    for (const [name, { level }] of Object.entries(focusColumns)) {
      if (level !== "mandatory") continue;
      const at = focusHeader.indexOf(name);
      const problems = checkFocus(focusHeader.toSpliced(at, 1), [row.toSpliced(at, 1)]);
      expect(problems, name).toContainEqual({ row: 0, column: name, rule: "must be present" });
    }
  });

  it("takes no null where there must be a value, and any null where there may be none", () => {
    for (const name of focusHeader.filter((each) => !each.startsWith("x_"))) {
      const said = breaches({ [name]: "" });
      if (focusColumns[name]?.nullable) expect(said, name).not.toContain(`${name} must not be null`);
      else expect(said, name).toContain(`${name} must not be null`);
    }
  });

  it.each([
    [{ BilledCost: "$1.38" }, "BilledCost must be a number in Numeric Format"],
    [{ BilledCost: "1,382" }, "BilledCost must be a number in Numeric Format"],
    [{ BilledCost: "+1" }, "BilledCost must be a number in Numeric Format"],
    [{ BilledCost: "1E+7" }, "BilledCost must be a number in Numeric Format"],
    [{ ListUnitPrice: "-1" }, "ListUnitPrice must be a number that is not negative"],
    [{ ChargePeriodStart: "2026-11-01 00:00:00" }, "ChargePeriodStart must be UTC as YYYY-MM-DDTHH:mm:ssZ"],
    [{ ChargePeriodStart: "2026-13-01T00:00:00Z" }, "ChargePeriodStart must be UTC as YYYY-MM-DDTHH:mm:ssZ"],
    [{ ChargePeriodEnd: "2026-10-31T18:15:00Z" }, "ChargePeriodEnd must come after ChargePeriodStart"],
    [{ BillingCurrency: "usd" }, "BillingCurrency must be an ISO 4217 code"],
    [{ ChargeCategory: "Use" }, "ChargeCategory must be one of Usage, Purchase, Tax, Credit, Adjustment"],
    [{ ServiceSubcategory: "Containers" }, "ServiceSubcategory must belong to its ServiceCategory"],
    [{ ProviderName: "  " }, "ProviderName must not be blank"],
    [{ Tags: '{"a":{"b":1}}' }, "Tags must be a JSON object whose values are no objects"],
    [{ Tags: "[1]" }, "Tags must be a JSON object whose values are no objects"],
    [{ Tags: "{" }, "Tags must be a JSON object whose values are no objects"],
    [{ ContractedCost: "1.3827160369" }, "ContractedCost must be ContractedUnitPrice × PricingQuantity"],
    [{ ListCost: "1.5" }, "ListCost must be ListUnitPrice × PricingQuantity"],
    [{ SkuId: "" }, "SkuId must not be null for usage and purchases"],
    [{ SkuId: "" }, "SkuMeter must be null where SkuId is"],
    [{ ContractedUnitPrice: "" }, "ContractedUnitPrice must not be null for usage and purchases"],
    [{ PricingUnit: "" }, "PricingUnit must be null exactly where PricingQuantity is"],
    [{ ConsumedUnit: "" }, "ConsumedUnit must be null exactly where ConsumedQuantity is"],
    [{ SubAccountName: "" }, "SubAccountName must be null exactly where SubAccountId is"],
    [{ ChargeCategory: "Tax" }, "ConsumedQuantity must be null but for usage"],
    [{ ChargeCategory: "Purchase" }, "ChargeFrequency must not be Usage-Based for purchases"],
  ])("%j breaks: %s", (changes, said) => {
    expect(breaches(changes as Record<string, string>)).toContain(said);
  });

  it("knows the columns of FOCUS, wants others marked and last, and each once", () => {
    const header = ["Model", "x_Mine", ...focusHeader, "BilledCost"];
    expect(checkFocus(header, []).map(({ column, rule }) => `${column} ${rule}`)).toEqual(
      expect.arrayContaining([
        "Model must begin with x_, because FOCUS has no such column",
        "BilledCost must come before custom columns",
        "BilledCost must be there once",
      ]),
    );
  });

  it("says which row", () => {
    expect(checkFocus(focusHeader, [row, changed({ BilledCost: "" })])).toEqual([
      { row: 2, column: "BilledCost", rule: "must not be null" },
    ]);
  });
});
