import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { canonicalInstant, instantOf } from "../../lib/core/instant.ts";

describe("canonical instants", () => {
  it.each([
    ["2026-01-31T12:00:00Z", "2026-01-31T12:00:00.000000Z"],
    ["2026-01-31t12:00:00.5z", "2026-01-31T12:00:00.500000Z"],
    ["2026-01-31 12:00:00.123456789+00:00", "2026-01-31T12:00:00.123456Z"],
    ["2026-01-01T00:30:00+05:30", "2025-12-31T19:00:00.000000Z"],
    ["2024-02-28T23:30:00-01:00", "2024-02-29T00:30:00.000000Z"],
    ["9999-12-31T23:59:59.999999Z", "9999-12-31T23:59:59.999999Z"],
    ["0050-03-01T00:00:00+01:00", "0050-02-28T23:00:00.000000Z"],
  ])("reads %s as %s", (sent, kept) => {
    expect(canonicalInstant(sent)).toBe(kept);
  });

  it.each([
    "",
    "2026-01-31",
    "2026-01-31T12:00:00",
    "2026-01-31T12:00Z",
    "2026-02-29T00:00:00Z",
    "2026-00-10T00:00:00Z",
    "2026-04-31T00:00:00Z",
    "2026-01-31T24:00:00Z",
    "2026-01-31T12:60:00Z",
    "2026-01-31T12:00:00+24:00",
    "2026-01-31T12:00:00+0530",
    "+12026-01-31T12:00:00Z",
    "2026-01-31T12:00:00Zx",
    "9999-12-31T23:59:59-01:00",
    "0000-01-01T00:00:00+01:00",
    "tomorrow",
  ])("refuses %j", (sent) => {
    expect(canonicalInstant(sent)).toBeNull();
  });

  it("agrees with the platform on every moment and offset, and sorts as text like time", () => {
    const moment = fc.date({ min: new Date("1000-01-02T00:00:00Z"), max: new Date("9998-12-30T00:00:00Z"), noInvalidDate: true });
    fc.assert(
      fc.property(moment, moment, fc.integer({ min: -1_439, max: 1_439 }), (a, b, offset) => {
        const local = new Date(a.getTime() + offset * 60_000).toISOString().slice(0, -1);
        const sign = offset < 0 ? "-" : "+";
        const [hours, minutes] = [Math.floor(Math.abs(offset) / 60), Math.abs(offset) % 60];
        const sent = `${local}${sign}${String(hours).padStart(2, "0")}:${String(minutes).padStart(2, "0")}`;
        expect(canonicalInstant(sent)).toBe(instantOf(a.getTime()));
        expect(instantOf(a.getTime()) < instantOf(b.getTime())).toBe(a.getTime() < b.getTime());
      }),
    );
  });
});
