import { Decimal } from "decimal.js";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  compareMoney,
  describeChange,
  formatAxisMoney,
  formatMoney,
  formatMoneyExact,
  formatRate,
  shareOf,
  toChartNumber,
} from "../../lib/core/money.ts";

describe("an amount for reading", () => {
  test.each([
    ["1234.56", "$1,234.56"],
    ["1234567890.1", "$1,234,567,890.10"],
    ["0.0042", "$0.0042"],
    ["0.0000031", "$0.0000031"],
    ["0.000003125", "$0.0000031"],
    ["0.5", "$0.50"],
    ["0.05", "$0.05"],
    ["0.4251", "$0.43"],
    ["0.999", "$1.00"],
    ["1", "$1.00"],
    ["0", "$0.00"],
    ["0.000000000000", "$0.00"],
    ["-12.5", "\u2212$12.50"],
    ["-0", "$0.00"],
    ["1e-7", "$0.0000001"],
  ])("%s reads %s", (amount, text) => {
    expect(formatMoney(amount)).toBe(text);
  });

  test("rounds half to even", () => {
    expect(formatMoney("2.125")).toBe("$2.12");
    expect(formatMoney("2.135")).toBe("$2.14");
    expect(formatMoney("0.00225")).toBe("$0.0022");
    expect(formatMoney("0.00235")).toBe("$0.0024");
  });

  test("an unknown price is a word, never zero", () => {
    expect(formatMoney(null)).toBe("unpriced");
    expect(formatMoneyExact(null)).toBe("unpriced");
  });

  test("other currencies", () => {
    expect(formatMoney("3", "EUR")).toBe("€3.00");
    expect(formatMoney("3", "CHF")).toBe("CHF\u00a03.00");
  });
});

test("the exact form keeps every stored digit", () => {
  expect(formatMoneyExact("1234.560000000000")).toBe("$1,234.56");
  expect(formatMoneyExact("0.000003125000")).toBe("$0.000003125");
  expect(formatMoneyExact("98765432109876543210.123456789012345678")).toBe("$98,765,432,109,876,543,210.123456789012345678");
});

test("rates of tokens read per million, others per their own unit", () => {
  expect(formatRate("0.0000025", 1, true)).toBe("$2.50 / 1M");
  expect(formatRate("0.000000075", 1, true)).toBe("$0.075 / 1M");
  expect(formatRate("2.5", 1_000_000, true)).toBe("$2.50 / 1M");
  expect(formatRate("10", 1000, false)).toBe("$10.00 / 1,000");
  expect(formatRate("0.04", 1, false)).toBe("$0.04");
  expect(formatRate(null, 1, true)).toBe("unpriced");
});

test("axis labels are short", () => {
  expect([0, 40, 1200, 12_000, 2.5e6, 0.002, 0.1 + 0.2].map((value) => formatAxisMoney(value))).toEqual([
    "$0",
    "$40",
    "$1,200",
    "$12k",
    "$2.5M",
    "$0.002",
    "$0.3",
  ]);
});

describe("change", () => {
  test.each([
    ["1124", "1000", "+12.4\u00a0% ($124.00)", "more"],
    ["50", "100", "\u221250.0\u00a0% ($50.00)", "less"],
    ["5", "5.00", "no change", "no change"],
    ["5", "0", "new ($5.00)", "new"],
    ["0", "5", "\u2212100.0\u00a0% ($5.00)", "less"],
    ["100", "1", "×100 ($99.00)", "more"],
    ["100.00001", "100", "+<0.1\u00a0% ($0.00001)", "more"],
  ])("%s against %s", (now, before, text, word) => {
    expect(describeChange(now, before)).toMatchObject({ text, word });
  });

  test("needs two known amounts", () => {
    expect(describeChange(null, "1")).toBeNull();
    expect(describeChange("1", null)).toBeNull();
  });
});

const amount = fc
  .tuple(fc.boolean(), fc.bigInt({ min: 0n, max: 10n ** 24n }), fc.integer({ min: 0, max: 24 }))
  .map(([isNegative, digits, scale]) =>
    new Decimal(digits.toString())
      .div(new Decimal(10).pow(scale))
      .times(isNegative ? -1 : 1)
      .toFixed(),
  );

const parse = (text: string) => new Decimal(text.replace(/[$,]/g, "").replace("\u2212", "-"));

describe("for every amount", () => {
  test("what is not zero never reads as zero", () => {
    fc.assert(fc.property(amount, (value) => parse(formatMoney(value)).isZero() === new Decimal(value).isZero()));
  });

  test("the text is within half a unit of its last digit, and the sign is kept", () => {
    fc.assert(
      fc.property(amount, (value) => {
        const text = formatMoney(value);
        const step = new Decimal(10).pow(-(text.split(".")[1]?.length ?? 0));
        const shown = parse(text);
        return shown.minus(value).abs().lte(step.div(2)) && (shown.isZero() || shown.isNegative() === new Decimal(value).isNegative());
      }),
    );
  });

  test("the exact text reads back as the same amount", () => {
    fc.assert(fc.property(amount, (value) => parse(formatMoneyExact(value)).eq(value)));
  });

  test("order agrees with the decimals", () => {
    fc.assert(fc.property(amount, amount, (a, b) => compareMoney(a, b) === new Decimal(a).comparedTo(b)));
  });
});

test("shares and coordinates", () => {
  expect(shareOf("25", "100")).toBe(0.25);
  expect(shareOf("1", "0")).toBeNull();
  expect(shareOf(null, "1")).toBeNull();
  expect(toChartNumber("0.25")).toBe(0.25);
  expect(toChartNumber(null)).toBe(0);
  expect(compareMoney(null, "0")).toBe(-1);
});
