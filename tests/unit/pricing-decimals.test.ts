import Decimal from "decimal.js";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { perOne, shiftPoint, shortestDecimal } from "../../lib/pricing/decimals.ts";

describe("shortestDecimal", () => {
  test.each([
    [2.5, "2.5"],
    [0.003625, "0.003625"],
    [1e-7, "0.0000001"],
    [1e21, "1000000000000000000000"],
    [0, "0"],
    [0.18000000000000002, "0.18"],
    [0.1 + 0.2, "0.3"],
    [0.08333333333333334, "0.08333333333333334"],
  ])("%d is %s", (value, expected) => {
    expect(shortestDecimal(value)).toBe(expected);
  });

  test.each([Number.NaN, Number.POSITIVE_INFINITY, -1])("%d is no price", (value) => {
    expect(() => shortestDecimal(value)).toThrow(RangeError);
  });

  test("gives back every price somebody could have typed", () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 1e9 }), fc.integer({ min: 0, max: 9 }), (digits, places) => {
        const typed = new Decimal(digits).times(new Decimal(10).pow(-places)).toFixed();
        return shortestDecimal(Number(typed)) === typed;
      }),
    );
  });
});

describe("shiftPoint", () => {
  test("is multiplication by a power of ten, exactly", () => {
    fc.assert(
      fc.property(
        fc.bigInt({ min: 0n, max: 10n ** 30n }),
        fc.integer({ min: 0, max: 20 }),
        fc.integer({ min: -20, max: 20 }),
        (digits, scale, places) => {
          const Exact = Decimal.clone({ precision: 100 });
          const decimal = new Exact(digits.toString()).times(new Exact(10).pow(-scale)).toFixed();
          return shiftPoint(decimal, places) === new Exact(decimal).times(new Exact(10).pow(places)).toFixed();
        },
      ),
    );
  });

  test("per million and per thousand", () => {
    expect(perOne("0.003625", 6)).toBe("0.000000003625");
    expect(perOne("15", 6)).toBe("0.000015");
    expect(perOne("2.5", 3)).toBe("0.0025");
    expect(perOne("0", 6)).toBe("0");
  });
});
