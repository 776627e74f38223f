import { describe, expect, it } from "vitest";
import { connectionFields, providers, readFields } from "../../lib/connections/schema.ts";
import { readScope, windowChoices } from "../../lib/reconciliation/rules.ts";

const scope = (query: string) => readScope(new URLSearchParams(query), "org", "2026-03-05");

describe("what a reconciliation address says", () => {
  it("is the last 31 days and today unless a month is named; UTC days, half-open", () => {
    expect(scope("")).toEqual({ organizationId: "org", from: "2026-02-02", to: "2026-03-06", provider: null, classes: null });
    expect(scope("window=2025-12")).toMatchObject({ from: "2025-12-01", to: "2026-01-01" });
    expect(scope("window=2025-13&provider=nobody&class=none")).toEqual(scope(""));
  });

  it("narrows by provider and class, and to lines with any difference", () => {
    expect(scope("provider=anthropic&class=rate,tier,bogus")).toMatchObject({ provider: "anthropic", classes: ["tier", "rate"] });
    expect(scope("open=1").classes).toHaveLength(6);
    expect(scope("open=1&class=rate").classes).toEqual(["rate"]);
  });

  it("offers twelve months, newest first", () => {
    const choices = windowChoices("2026-03-05");
    expect(choices).toHaveLength(13);
    expect(choices.slice(0, 3)).toEqual([
      { value: "recent", label: "Last 31 days" },
      { value: "2026-03", label: "March 2026" },
      { value: "2026-02", label: "February 2026" },
    ]);
  });
});

describe("what a connection's form says", () => {
  it("becomes one secret as it is, several as JSON, and what is no secret beside it", () => {
    expect(readFields("openai", { key: " sk-admin-1234 " })).toEqual({
      settings: {},
      credential: "sk-admin-1234",
      keyHint: "1234",
      problems: {},
    });
    const aws = readFields("aws", { access_key_id: "AKIA1", secret_access_key: "abcd9999" });
    expect(JSON.parse(aws.credential)).toEqual({ access_key_id: "AKIA1", secret_access_key: "abcd9999" });
    expect(readFields("google", { service_account: "{}", table: "a.b.c" })).toMatchObject({ settings: { table: "a.b.c" }, keyHint: "" });
  });

  it("names every field that is missing", () => {
    for (const provider of providers) {
      expect(Object.keys(readFields(provider, {}).problems)).toEqual(connectionFields[provider].map(({ name }) => name));
    }
  });
});
