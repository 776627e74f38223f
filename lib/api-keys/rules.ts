import type { ApiKeyScope } from "./schema.ts";

export type ApiKeyState = "active" | "expiring" | "expired" | "revoked";

const SOON_MS = 14 * 86_400_000;

/** What a key is at an instant (milliseconds since 1970): revoked beats expired; "expiring" = within 14 days. */
export function apiKeyState(key: { revoked_at: string | null; expires_at: string | null }, now: number): ApiKeyState {
  if (key.revoked_at) return "revoked";
  if (!key.expires_at) return "active";
  const left = Date.parse(key.expires_at) - now;
  if (left <= 0) return "expired";
  return left <= SOON_MS ? "expiring" : "active";
}

/** The scopes in words, in the order of use. */
export const scopeWords: readonly { value: ApiKeyScope; label: string; hint: string }[] = [
  { value: "ingest", label: "Ingest", hint: "Send usage events. All an application needs." },
  { value: "read", label: "Read", hint: "Read costs and requests through the API." },
  { value: "admin", label: "Admin", hint: "Import history older than 35 days." },
];

/** `now` + days as an instant, or null for a key without an end. */
export function expiryAfter(days: string, now: number): string | null {
  const count = Number(days);
  return Number.isInteger(count) && count > 0 ? new Date(now + count * 86_400_000).toISOString() : null;
}
