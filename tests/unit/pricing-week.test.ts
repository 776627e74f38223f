import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { dailyWindow, intersect, merge, multirange, secondOfDay, subtract, type WeekRange, weekSeconds } from "../../lib/pricing/week.ts";

const length = (ranges: readonly WeekRange[]) => ranges.reduce((sum, [from, to]) => sum + to - from, 0);
const ranges = fc.array(
  fc
    .tuple(fc.integer({ min: 0, max: weekSeconds - 1 }), fc.integer({ min: 1, max: 90_000 }))
    .map(([from, size]): WeekRange => [from, Math.min(from + size, weekSeconds)]),
  { maxLength: 12 },
);

describe("windows of the week", () => {
  test("a daily window repeats every day", () => {
    const window = dailyWindow(secondOfDay("01:00:00Z"), secondOfDay("04:00:00Z"));
    expect(window).toHaveLength(7);
    expect(window[0]).toEqual([3600, 14400]);
    expect(length(window)).toBe(7 * 3 * 3600);
  });

  test("a window may run over midnight, from Sunday into Monday too", () => {
    const window = dailyWindow(secondOfDay("16:30:00Z"), secondOfDay("00:30:00Z"));
    expect(length(window)).toBe(7 * 8 * 3600);
    expect(window[0]).toEqual([0, 1800]);
    expect(window.at(-1)).toEqual([6 * 86_400 + 59_400, weekSeconds]);
  });

  test("a window may end at midnight and be kept to weekdays", () => {
    expect(dailyWindow(82_800, 0, [4])).toEqual([[4 * 86_400 + 82_800, 5 * 86_400]]);
  });

  test("a time without zone is refused", () => {
    expect(() => secondOfDay("01:00:00")).toThrow(RangeError);
  });

  test("what is inside and what is outside make up the whole", () => {
    fc.assert(
      fc.property(ranges, ranges, (a, b) => {
        const inside = intersect(merge(a), b);
        const outside = subtract(merge(a), b);
        expect(length(inside) + length(outside)).toBe(length(merge(a)));
        expect(merge([...inside, ...outside])).toEqual(merge(a));
        expect(intersect(inside, outside)).toEqual([]);
      }),
    );
  });

  test("is written as Postgres reads it", () => {
    expect(
      multirange([
        [0, 60],
        [120, 180],
      ]),
    ).toBe("{[0,60),[120,180)}");
  });
});
