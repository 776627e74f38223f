import { timingSafeEqual } from "node:crypto";
import type { Secrets } from "./secrets.ts";

export type KeyRole = "anon" | "service_role";

/** The role that an API key stands for, or null for anything that is not one of this project's two keys. */
export function apiKeyRoles(secrets: Secrets): (key: string | null | undefined) => KeyRole | null {
  const matches = (key: string, own: string) => key.length === own.length && timingSafeEqual(Buffer.from(key), Buffer.from(own));
  return (key) => {
    if (!key) return null;
    if (matches(key, secrets.secretKey)) return "service_role";
    return matches(key, secrets.publishableKey) ? "anon" : null;
  };
}
