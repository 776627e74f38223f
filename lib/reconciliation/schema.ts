import { z } from "zod";
import { providers } from "../connections/schema.ts";

/** Why a bill and what was tracked may differ, in the order in which it is worked out. The formula is at the head of 82_reconciliation.sql. */
export const differenceClasses = ["untracked", "tier", "rate", "rounding", "timing", "not_reported"] as const;
export type DifferenceClass = (typeof differenceClasses)[number];

export const classWords: Record<DifferenceClass, { label: string; meaning: string }> = {
  untracked: { label: "Untracked", meaning: "The provider counted tokens that never reached us." },
  tier: { label: "Tier", meaning: "The same tokens, under another service tier than we tracked." },
  rate: { label: "Rate", meaning: "The same tokens at another price than our price book says." },
  rounding: { label: "Rounding", meaning: "Less than half of the last digit that the provider gives." },
  timing: { label: "Timing", meaning: "Counted on the other side of midnight UTC, or not settled yet." },
  not_reported: { label: "Not reported", meaning: "On the bill or tracked, but not in the provider's usage report." },
};

export const componentWords: Record<string, string> = {
  input: "input",
  cached_input: "cached input",
  cache_write: "cache write",
  output: "output",
  other: "other",
};

const Day = z.iso.date("Choose a date.");

/** What is looked at: UTC days, half-open; null = all. */
export const ReconciliationScope = z.object({
  organizationId: z.uuid(),
  from: Day,
  to: Day,
  provider: z.enum(providers).nullable(),
  classes: z.array(z.enum(differenceClasses)).nullable(),
});
export type ReconciliationScope = z.infer<typeof ReconciliationScope>;

export const Reason = z.string().trim().min(1, "Say why: it stays in the journal.").max(500, "Use at most 500 characters.");
