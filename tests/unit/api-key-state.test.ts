import { expect, it } from "vitest";
import { apiKeyState, expiryAfter } from "../../lib/api-keys/rules.ts";

const now = Date.parse("2026-03-01T00:00:00Z");
const at = (days: number) => new Date(now + days * 86_400_000).toISOString();

it.each([
  [null, null, "active"],
  [null, at(15), "active"],
  [null, at(14), "expiring"],
  [null, at(0), "expired"],
  [null, at(-1), "expired"],
  [at(-2), null, "revoked"],
  [at(-2), at(-1), "revoked"],
  [at(-2), at(90), "revoked"],
] as const)("revoked %s, expires %s: %s", (revoked_at, expires_at, state) => {
  expect(apiKeyState({ revoked_at, expires_at }, now)).toBe(state);
});

it("counts an expiry in whole days and reads anything else as none", () => {
  expect(expiryAfter("30", now)).toBe("2026-03-31T00:00:00.000Z");
  for (const none of ["none", "", "0", "-5", "1.5", "soon"]) expect(expiryAfter(none, now)).toBeNull();
});
