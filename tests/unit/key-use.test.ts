import { describe, expect, it } from "vitest";
import { createKeyUse } from "../../lib/core/key-use.ts";

describe("noting that a key was used", () => {
  it("happens once a minute per key, and again soon after a failure", async () => {
    let now = 0;
    let fails = false;
    const touched: string[] = [];
    const note = createKeyUse(
      async ([id]) => {
        if (fails) throw new Error("away");
        touched.push(id!);
      },
      () => now,
    );
    for (const id of ["a", "a", "b", "a"]) note(id);
    expect(touched).toEqual(["a", "b"]);
    now = 59_999;
    note("a");
    now = 60_000;
    note("a");
    expect(touched).toEqual(["a", "b", "a"]);
    now = 130_000;
    fails = true;
    note("b");
    await Promise.resolve();
    await Promise.resolve();
    fails = false;
    note("b");
    expect(touched).toEqual(["a", "b", "a", "b"]);
  });
});
