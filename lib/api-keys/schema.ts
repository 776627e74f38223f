import { z } from "zod";
import { Name } from "../orgs/schema.ts";

const apiKeyScopes = ["ingest", "gateway", "read", "admin"] as const;
export const ApiKeyScope = z.enum(apiKeyScopes);
export type ApiKeyScope = z.infer<typeof ApiKeyScope>;

const apiKeyKinds = ["live", "test"] as const;

/** `tt_live_` or `tt_test_` and 256 random bits in base64url. */
export const apiKeyPattern = /^tt_(?:live|test)_[A-Za-z0-9_-]{43}$/;

/** A new key. What it sends is attributed to its team, project and environment unless an event names others. */
export const ApiKeyInput = z.object({
  name: Name,
  scopes: z
    .array(ApiKeyScope)
    .min(1, "Choose at least one scope.")
    .refine((scopes) => new Set(scopes).size === scopes.length, "Name each scope once."),
  kind: z.enum(apiKeyKinds).default("live"),
  team_id: z.uuid().nullable().default(null),
  project_id: z.uuid().nullable().default(null),
  environment: z.string().trim().min(1).max(64, "Use at most 64 characters.").nullable().default(null),
  expires_at: z.iso.datetime({ offset: true, message: "Choose a date." }).nullable().default(null),
});
export type ApiKeyInput = z.infer<typeof ApiKeyInput>;

/** How long the old secret of a rotated key goes on working, in seconds: 0 to 30 days. */
export const RotationInput = z.object({ overlap_seconds: z.coerce.number().int().min(0).max(2_592_000).default(86_400) });
export type RotationInput = z.infer<typeof RotationInput>;
