import { z } from "zod";

/**
 * Which column of the file is which field of a usage event: `{ input_tokens: "Prompt tokens" }`. A value that starts with `=` is no column
 * but the value itself for every row: `{ provider: "=openai" }`.
 */
export const ImportMapping = z.record(z.string().regex(/^[a-z][a-z0-9_]{0,39}$/), z.string().min(1).max(200));
export type ImportMapping = z.infer<typeof ImportMapping>;

const digest = z.string().regex(/^[0-9a-f]{64}$/, "must be 64 hexadecimal digits");
const rows = z.number().int().min(0).max(Number.MAX_SAFE_INTEGER);

/** `POST /api/v1/imports`. `mapping: null` takes the one that was last used for the same columns. */
export const StartImportInput = z.strictObject({
  file_name: z
    .string()
    .trim()
    .min(1)
    .max(200)
    .refine((name) => !/[\p{Cc}\p{Surrogate}]/u.test(name), "must be one line of text"),
  file_bytes: rows,
  file_digest: digest,
  adapter: z.string().regex(/^[a-z][a-z0-9-]{0,31}$/),
  columns_digest: digest,
  mapping: ImportMapping.nullable(),
  is_dry_run: z.boolean(),
});
export type StartImportInput = z.infer<typeof StartImportInput>;

/** A row that did not become an event, as people find it: by its line (for JSON documents, by its number). */
export const RowProblemReport = z.object({ line: rows, code: z.string().max(40), message: z.string().max(300) });
export type RowProblemReport = z.infer<typeof RowProblemReport>;

/** A decimal as files write it, `-1.5e-7` included; digits are kept, never rounded. */
export const decimalText = /^-?\d{1,15}(\.\d{1,30})?([eE][+-]?\d{1,2})?$/;

/** `POST /api/v1/imports/{id}/progress`. Rows from `from_row` to `to_row` are dealt with; `events` only for a dry run, with the file's cost. */
export const AdvanceImportInput = z.strictObject({
  from_row: rows,
  to_row: rows,
  bytes_read: rows,
  accepted: rows,
  duplicates: rows,
  rejected: rows,
  skipped: rows,
  problems: z.array(RowProblemReport).max(200),
  events: z.array(z.record(z.string(), z.unknown())).max(20_000),
});
export type AdvanceImportInput = z.infer<typeof AdvanceImportInput>;

/** `POST /api/v1/imports/{id}/finish`. */
export const FinishImportInput = z.strictObject({ status: z.enum(["done", "failed"]), message: z.string().max(500).nullable() });
export type FinishImportInput = z.infer<typeof FinishImportInput>;

/** `POST /api/v1/imports/tracked`: is traffic of these models in these times tracked already? Answers `{ tracked: boolean[] }`. */
export const TrackedBucketsInput = z.strictObject({
  buckets: z
    .array(
      z.strictObject({
        provider: z.string().min(1).max(64),
        model: z.string().min(1).max(200),
        starts_at: z.iso.datetime({ offset: true }),
        ends_at: z.iso.datetime({ offset: true }),
      }),
    )
    .max(5_000),
});
export type TrackedBucket = z.infer<typeof TrackedBucketsInput>["buckets"][number];

/** Why their cost and ours differ, as `private.import_costs()` names it. */
export type CostReason =
  | "equal"
  | "rounding"
  | "tier"
  | "size"
  | "cache_ignored"
  | "cache_missing"
  | "their_zero"
  | "cache_hit"
  | "rate"
  | "unpriced"
  | "no_cost";

/** One line of "their cost and ours". Amounts are decimal strings in US dollars; `difference` is ours minus theirs. */
type CostComparison = {
  provider: string;
  model: string;
  service_tier: string | null;
  reason: CostReason;
  events: number;
  their_cost: string | null;
  our_cost: string | null;
  difference: string | null;
};

export type ImportCounts = {
  rows_read: number;
  bytes_read: number;
  accepted: number;
  duplicates: number;
  rejected: number;
  skipped: number;
};

/** An import as the doors answer it. `problems` holds the first 200. */
export type ImportDocument = ImportCounts & {
  id: string;
  file_name: string;
  file_bytes: number;
  adapter: string;
  mapping: ImportMapping;
  is_dry_run: boolean;
  status: "running" | "done" | "failed";
  message: string | null;
  problems: RowProblemReport[];
  created_at: string;
  finished_at: string | null;
  comparison: CostComparison[];
  totals: { their_cost: string | null; our_cost: string | null; difference: string | null };
};
