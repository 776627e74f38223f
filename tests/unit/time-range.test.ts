import { describe, expect, test } from "vitest";
import { bucketLabel, bucketStarts, openBucket, tickLabel } from "../../lib/core/time-buckets.ts";
import {
  choiceFor,
  DEFAULT_CHOICE,
  describeRange,
  parseRangeChoice,
  type RangeChoice,
  type RangePreset,
  resolveRange,
  stepRange,
  writeRangeChoice,
} from "../../lib/core/time-range.ts";

const choice = (preset: RangePreset, more: Partial<RangeChoice> = {}): RangeChoice => ({ ...DEFAULT_CHOICE, preset, ...more });
const hoursBetween = (a: string, b: string) => (Date.parse(b) - Date.parse(a)) / 3_600_000;
const BERLIN = "Europe/Berlin";
const NOW = "2026-11-21T11:52:30Z";

describe("the URL", () => {
  test("reads and writes a choice without loss", () => {
    const choices: RangeChoice[] = [
      choice("today"),
      choice("30d"),
      choice("mtd", { compare: "none", grain: "week" }),
      choice("custom", { from: "2026-01-05", to: "2026-01-09" }),
      choice("custom", { from: "2026-01-05T10:00", to: "2026-01-05T12:30" }),
    ];
    for (const each of choices) expect(parseRangeChoice(writeRangeChoice(new URLSearchParams("model=x"), each))).toEqual(each);
  });

  test("leaves the default and foreign parameters alone", () => {
    expect(writeRangeChoice(new URLSearchParams("model=x&range=7d"), DEFAULT_CHOICE).toString()).toBe("model=x");
  });

  test.each([
    "range=nonsense",
    "range=custom",
    "range=custom&from=2026-02-30&to=2026-03-01",
    "range=custom&from=2026-03-02&to=2026-03-01",
    "range=custom&from=9999-01-01&to=9999-02-01",
  ])("falls back from %s", (query) => {
    expect(parseRangeChoice(new URLSearchParams(query))).toEqual(DEFAULT_CHOICE);
  });
});

describe("windows in the organization's zone", () => {
  test("today and its earlier part", () => {
    const range = resolveRange(choice("today"), BERLIN, NOW);
    expect(range).toMatchObject({ from: "2026-11-20T23:00:00Z", to: "2026-11-21T23:00:00Z", grain: "hour", isOpen: true });
    expect(range.compare).toEqual({ from: "2026-11-19T23:00:00Z", to: "2026-11-20T23:00:00Z", toDate: "2026-11-20T11:50:00Z" });
  });

  test("this month against last month to the same point", () => {
    const range = resolveRange(choice("mtd"), BERLIN, NOW);
    expect(range).toMatchObject({ from: "2026-10-31T23:00:00Z", to: "2026-11-21T23:00:00Z", grain: "day" });
    // October began in summer time.
    expect(range.compare).toEqual({ from: "2026-09-30T22:00:00Z", to: "2026-10-21T22:00:00Z", toDate: "2026-10-21T10:50:00Z" });
  });

  // supabase/tests/usage-months.test.ts asks the database the same.
  test.each([
    ["2026-03-27T10:02:00Z", "2026-02-28T00:00:00Z", "2026-02-27T10:00:00Z"],
    ["2026-03-28T10:02:00Z", "2026-03-01T00:00:00Z", "2026-02-28T10:00:00Z"],
    ["2026-03-31T10:02:00Z", "2026-03-01T00:00:00Z", "2026-02-28T10:00:00Z"],
    ["2028-03-31T10:02:00Z", "2028-03-01T00:00:00Z", "2028-02-29T10:00:00Z"],
  ])("%s is compared with last month to the same point, or to that time of its last day", (now, to, toDate) => {
    const range = resolveRange(choice("mtd"), "UTC", now);
    expect(range.compare).toEqual({ from: to.replace(/-0[23]-.*/, "-02-01T00:00:00Z"), to, toDate });
  });

  test("a local time that last month had twice is the later one, as in the database", () => {
    const range = resolveRange(choice("mtd"), BERLIN, "2026-11-25T01:30:00Z");
    expect(range.compare?.toDate).toBe("2026-10-25T01:30:00Z");
  });

  test("last month is closed and compared with the whole month before", () => {
    const range = resolveRange(choice("last_month"), "UTC", "2026-04-10T10:00:00Z");
    expect(range).toMatchObject({ from: "2026-03-01T00:00:00Z", to: "2026-04-01T00:00:00Z", isOpen: false });
    expect(range.compare).toEqual({ from: "2026-02-01T00:00:00Z", to: "2026-03-01T00:00:00Z", toDate: "2026-03-01T00:00:00Z" });
  });

  test.each(["7d", "30d", "90d"] as const)("%s holds that many days, today included, and the same number before", (preset) => {
    const range = resolveRange(choice(preset), "America/New_York", NOW);
    const days = Number.parseInt(preset, 10);
    expect(bucketStarts(range, "day")).toHaveLength(days);
    expect(bucketStarts({ ...range, from: range.compare!.from, to: range.compare!.to }, "day")).toHaveLength(days);
    expect(range.compare!.to).toBe(range.from);
  });

  test("24 hours are 24 hours on the day the clocks change", () => {
    const range = resolveRange(choice("24h"), BERLIN, "2026-10-25T12:34:00Z");
    expect(hoursBetween(range.from, range.to)).toBe(24);
    expect(bucketStarts(range, "hour")).toHaveLength(24);
  });

  test("custom days include the last, custom minutes exclude the end", () => {
    expect(resolveRange(choice("custom", { from: "2026-01-05", to: "2026-01-05" }), "UTC", NOW)).toMatchObject({
      from: "2026-01-05T00:00:00Z",
      to: "2026-01-06T00:00:00Z",
      isOpen: false,
      compare: { from: "2026-01-04T00:00:00Z", to: "2026-01-05T00:00:00Z", toDate: "2026-01-05T00:00:00Z" },
    });
    expect(resolveRange(choice("custom", { from: "2026-01-05T10:00", to: "2026-01-05T12:30" }), "UTC", NOW)).toMatchObject({
      from: "2026-01-05T10:00:00Z",
      to: "2026-01-05T12:30:00Z",
      grain: "minute",
    });
  });

  test("an endless custom range is cut", () => {
    const range = resolveRange(choice("custom", { from: "2000-01-01", to: "2100-01-01" }), "UTC", NOW);
    expect(hoursBetween(range.from, range.to) / 24).toBe(1100);
    expect(range.grain).toBe("month");
  });

  test("without compare there is no earlier period", () => {
    expect(resolveRange(choice("7d", { compare: "none" }), "UTC", NOW).compare).toBeNull();
  });

  test("a grain that cannot be drawn is not obeyed", () => {
    expect(resolveRange(choice("90d", { grain: "minute" }), "UTC", NOW).grain).toBe("day");
    expect(resolveRange(choice("90d", { grain: "week" }), "UTC", NOW).grain).toBe("week");
  });
});

describe("changes of the clock", () => {
  test.each([
    // zone, day, hours in that day
    ["Europe/Berlin", "2026-03-29", 23],
    ["Europe/Berlin", "2026-10-25", 25],
    ["America/New_York", "2026-03-08", 23],
    ["America/New_York", "2026-11-01", 25],
    // Lord Howe moves its clocks by half an hour.
    ["Australia/Lord_Howe", "2026-04-05", 24.5],
    ["Australia/Lord_Howe", "2026-10-04", 23.5],
    ["Asia/Kolkata", "2026-10-25", 24],
  ])("%s %s has %s hours", (zone, day, hours) => {
    const range = resolveRange(choice("custom", { from: day, to: day }), zone, NOW);
    expect(hoursBetween(range.from, range.to)).toBe(hours);
    expect(bucketStarts(range, "day")).toEqual([range.from]);
    const starts = bucketStarts(range, "hour");
    expect(new Set(starts).size).toBe(starts.length);
    expect(starts.length).toBeGreaterThanOrEqual(Math.floor(hours));
    expect(starts.length).toBeLessThanOrEqual(Math.ceil(hours) + 1);
  });

  test("a day that begins at one o'clock", () => {
    // Cairo skips midnight itself.
    const range = resolveRange(choice("custom", { from: "2026-04-24", to: "2026-04-24" }), "Africa/Cairo", NOW);
    expect(hoursBetween(range.from, range.to)).toBe(23);
  });

  test("the repeated hour is two buckets with two names", () => {
    const range = resolveRange(choice("custom", { from: "2026-10-25", to: "2026-10-25" }), BERLIN, NOW);
    const labels = bucketStarts(range, "hour").map((start) => bucketLabel(start, "hour", BERLIN));
    expect(labels[2]).toBe("Sun 25 Oct 2026, 02:00–02:00 UTC+2");
    expect(labels[3]).toBe("Sun 25 Oct 2026, 02:00–03:00 UTC+1");
    expect(new Set(labels).size).toBe(25);
  });

  test("months and weeks tile a range that crosses a change", () => {
    const range = resolveRange(choice("custom", { from: "2026-01-01", to: "2026-12-31" }), BERLIN, NOW);
    expect(bucketStarts(range, "month")).toHaveLength(12);
    const weeks = bucketStarts(range, "week");
    expect(weeks[0]).toBe("2025-12-28T23:00:00Z");
    expect(weeks).toHaveLength(53);
  });
});

test("the bucket of now is open, none when the range is over", () => {
  const range = resolveRange(choice("7d"), "UTC", NOW);
  expect(openBucket(bucketStarts(range, "day"), range, "day", NOW)).toBe(6);
  const past = resolveRange(choice("last_month"), "UTC", NOW);
  expect(openBucket(bucketStarts(past, "day"), past, "day", NOW)).toBe(-1);
});

describe("stepping", () => {
  test("by its own length, back and forth", () => {
    const week = resolveRange(choice("7d"), BERLIN, NOW);
    const before = stepRange(week, -1, NOW)!;
    expect(before).toMatchObject({ preset: "custom", from: "2026-11-08", to: "2026-11-14" });
    expect(stepRange(resolveRange(before, BERLIN, NOW), 1, NOW)).toMatchObject({ from: "2026-11-15", to: "2026-11-21" });
  });

  test("months step by months", () => {
    expect(stepRange(resolveRange(choice("last_month"), BERLIN, NOW), -1, NOW)).toMatchObject({ from: "2026-09-01", to: "2026-09-30" });
    expect(stepRange(resolveRange(choice("mtd"), BERLIN, NOW), -1, NOW)).toMatchObject({ from: "2026-10-01", to: "2026-10-31" });
  });

  test("never into the future", () => {
    expect(stepRange(resolveRange(choice("7d"), BERLIN, NOW), 1, NOW)).toBeNull();
    expect(stepRange(resolveRange(choice("24h"), BERLIN, NOW), 1, NOW)).toBeNull();
  });

  test("hours step as hours", () => {
    expect(stepRange(resolveRange(choice("24h"), "UTC", NOW), -1, NOW)).toMatchObject({ from: "2026-11-19T12:00", to: "2026-11-20T12:00" });
  });
});

test("words for ranges and ticks", () => {
  expect(describeRange(resolveRange(choice("mtd"), BERLIN, NOW))).toBe("1 – 21 Nov 2026");
  expect(describeRange(resolveRange(choice("30d"), BERLIN, NOW))).toBe("23 Oct – 21 Nov 2026");
  expect(describeRange(resolveRange(choice("today"), BERLIN, NOW))).toBe("21 Nov 2026");
  expect(describeRange(resolveRange(choice("24h"), "UTC", NOW))).toBe("20 Nov 12:00 – 21 Nov 12:00");
  expect(tickLabel("2026-11-20T23:00:00Z", "hour", BERLIN)).toBe("21 Nov");
  expect(tickLabel("2026-11-21T13:00:00Z", "hour", BERLIN)).toBe("14:00");
  expect(tickLabel("2026-10-31T23:00:00Z", "month", BERLIN)).toBe("Nov 2026");
});

test("a brushed piece becomes a custom range", () => {
  expect(choiceFor("2026-11-10T23:00:00Z", "2026-11-12T23:00:00Z", BERLIN, "none")).toMatchObject({
    from: "2026-11-11",
    to: "2026-11-12",
    compare: "none",
  });
  expect(choiceFor("2026-11-10T12:00:00Z", "2026-11-10T15:00:00Z", "UTC", "previous")).toMatchObject({
    from: "2026-11-10T12:00",
    to: "2026-11-10T15:00",
  });
});
