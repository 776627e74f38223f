import { describe, expect, it } from "vitest";
import { readAuditFilter } from "../../components/audit-log/read-audit-filter.ts";
import { initials } from "../../components/ui/avatar.tsx";
import { matchWords } from "../../components/ui/match-words.ts";
import { actionWords, changesWords } from "../../lib/audit-log/rules.ts";
import { failedBy } from "../../lib/core/result.ts";
import { slugPreview } from "../../lib/orgs/rules.ts";

describe("names", () => {
  it.each([
    ["Ada Lovelace", "AL"],
    ["ada.lovelace@example.com", "AL"],
    ["👩‍🚀 Kosmos", "👩‍🚀K"],
    ["فريق", "ف"],
    ["   ", ""],
  ])("of %j the avatar shows %j", (name, letters) => expect(initials(name)).toBe(letters));

  it.each([
    ["Acme Research", "acme-research"],
    ["  Ünïcode & Co.  ", "n-code-co"],
    ["日本", "organization"],
    ["a".repeat(60), "a".repeat(40)],
    ["", ""],
  ])("of %j the address is previewed as %j", (name, slug) => expect(slugPreview(name)).toBe(slug));
});

describe("the audit log in words", () => {
  it("names actions, also unknown ones", () => {
    expect(actionWords("api_key.rotated")).toBe("API key rotated");
    expect(actionWords("member.created")).toBe("Member added");
    expect(actionWords("budget_rule.paused")).toBe("budget rule paused");
  });
  it("puts old and new of every field into one line", () => {
    expect(
      changesWords({ name: { old: "a", new: "b" }, scopes: { old: null, new: ["ingest", "read"] }, settings: { old: {}, new: { x: 1 } } }),
    ).toBe('name: a → b; scopes: – → ingest, read; settings: {} → {"x":1}');
  });
  it("reads days in the organization's zone, the last one included, across a change of clocks", () => {
    const get = (values: Record<string, string>) => readAuditFilter((name) => values[name] ?? "", "Europe/Berlin");
    expect(get({ from: "2026-03-29", to: "2026-03-29" })).toMatchObject({ from: "2026-03-28T23:00:00Z", to: "2026-03-29T22:00:00Z" });
    expect(get({ from: "2026-02-31", to: "yesterday" })).toMatchObject({ from: null, to: null });
  });
});

it("finds entries by the words in them, best beginnings first", () => {
  const score = (name: string, search: string) => matchWords("id", search, [name]);
  expect(score("America/Bermuda", "berl")).toBe(0);
  expect(score("Europe/Berlin", "berl")).toBeGreaterThan(score("Timberland", "berl"));
  expect(score("Settings: API keys", "keys api")).toBeGreaterThan(0);
});

it("tells people our own sentences and nobody else's", () => {
  const ours = { code: "PT409", message: "This slug is taken.", details: '{"code":"conflict","field":"slug"}' };
  expect(failedBy(ours)).toEqual({
    ok: false,
    error: { code: "conflict", message: "This slug is taken.", fields: { slug: "This slug is taken." } },
  });
  const foreign = { code: "23505", message: 'duplicate key value violates unique constraint "teams_pkey"' };
  expect(JSON.stringify(failedBy(foreign))).not.toContain("teams_pkey");
  expect(failedBy(new Error("connect ECONNREFUSED 10.0.0.1"))).toMatchObject({ error: { code: "internal" } });
});
