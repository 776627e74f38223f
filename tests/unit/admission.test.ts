import { describe, expect, it } from "vitest";
import { createAdmission, expectedBytes } from "../../lib/ingest/admission.ts";

describe("admission", () => {
  it("refuses a key that holds more than its share, and everyone when all hold too much; leaving makes room", () => {
    const { enter } = createAdmission({ totalBytes: 100, keyBytes: 60 });
    const leaveFirst = enter("a", 50);
    expect(() => enter("a", 11)).toThrow(expect.objectContaining({ code: "rate_limited", retryAfterSeconds: 1 }) as Error);
    const leaveSecond = enter("b", 50);
    expect(() => enter("c", 1)).toThrow(expect.objectContaining({ code: "unavailable" }) as Error);
    leaveFirst();
    leaveSecond();
    for (let n = 0; n < 5; n++) enter("a", 60)();
    enter("a", 60);
    expect(() => enter("a", 1)).toThrow();
  });

  it("judges by the headers: what is not declared counts as the most it may be", () => {
    expect(expectedBytes(new Headers({ "content-length": "100000" }))).toBe(100_000);
    expect(expectedBytes(new Headers({ "content-length": "10" }))).toBe(2_000);
    expect(expectedBytes(new Headers({ "content-length": "100000", "content-encoding": "gzip" }))).toBe(800_000);
    expect(expectedBytes(new Headers({ "content-length": "5000000", "content-encoding": "gzip" }))).toBe(20_000_000);
    expect(expectedBytes(new Headers())).toBe(5_000_000);
    expect(expectedBytes(new Headers({ "content-length": "99999999999" }))).toBe(5_000_000);
    expect(expectedBytes(new Headers({ "content-length": "-5" }))).toBe(2_000);
  });
});
