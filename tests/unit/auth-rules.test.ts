import { describe, expect, it } from "vitest";
import { authSentence, safeNext } from "../../lib/auth/rules.ts";

describe("where a person is sent after signing in", () => {
  it.each(["/acme/overview", "/acme/explore?model=gpt-5&range=7d#chart", "/invite/abc_DEF-123", "/"])("goes on to %s", (path) => {
    expect(safeNext(path)).toBe(path);
  });

  it.each([
    "https://evil.example",
    "//evil.example/acme",
    "/\\evil.example",
    "/\t/evil.example",
    "\\\\evil.example",
    "javascript:alert(1)",
    "acme/overview",
    "",
    "/auth/sign-out",
    "/x/../auth/sign-out",
    `/${"a".repeat(2000)}`,
    null,
    undefined,
    ["/acme"],
  ])("refuses %j", (next) => {
    expect(safeNext(next)).toBeNull();
  });
});

it("never shows a service's own words", () => {
  expect(authSentence("some_new_code")).toMatch(/Try again/);
  expect(authSentence(undefined)).toMatch(/Try again/);
});
