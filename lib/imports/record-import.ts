import type { Sql } from "postgres";
import type { AdvanceImportInput, FinishImportInput, StartImportInput, TrackedBucket } from "./schema.ts";

/** What the database says to a key, and the answer for it as JSON text: amounts in it never pass through a number. */
export type ImportOutcome = { outcome: "ok" | "unauthenticated" | "forbidden"; document: string | null };

export type ImportBook = {
  start: (keyHash: Uint8Array, input: StartImportInput) => Promise<ImportOutcome>;
  advance: (keyHash: Uint8Array, id: string, input: AdvanceImportInput) => Promise<ImportOutcome>;
  finish: (keyHash: Uint8Array, id: string, input: FinishImportInput) => Promise<ImportOutcome>;
  tracked: (keyHash: Uint8Array, buckets: TrackedBucket[]) => Promise<ImportOutcome>;
};

/** The book of imports over the pool of the doors. Rejects with the database's error. */
export function createImportBook(sql: Sql): ImportBook {
  const one = (rows: ImportOutcome[]): ImportOutcome => rows[0] ?? { outcome: "unauthenticated", document: null };
  return {
    start: async (keyHash, input) =>
      one(
        await sql<ImportOutcome[]>`
          select outcome, document::text as document from private.start_import(${keyHash}, ${input.file_name}, ${input.file_bytes},
            ${input.file_digest}, ${input.adapter}, ${input.columns_digest},
            ${input.mapping === null ? null : JSON.stringify(input.mapping)}::text::jsonb, ${input.is_dry_run})`,
      ),
    advance: async (keyHash, id, input) =>
      one(
        await sql<ImportOutcome[]>`
          select outcome, document::text as document from private.advance_import(${keyHash}, ${id}, ${input.from_row}, ${input.to_row},
            ${input.bytes_read}, ${input.accepted}, ${input.duplicates}, ${input.rejected}, ${input.skipped},
            ${JSON.stringify(input.problems)}::text::jsonb, ${JSON.stringify(input.events)}::text::jsonb)`,
      ),
    finish: async (keyHash, id, input) =>
      one(
        await sql<ImportOutcome[]>`
          select outcome, document::text as document from private.finish_import(${keyHash}, ${id}, ${input.status}, ${input.message})`,
      ),
    tracked: async (keyHash, buckets) =>
      one(
        await sql<ImportOutcome[]>`
          select outcome, jsonb_build_object('tracked', document)::text as document
          from private.tracked_buckets(${keyHash}, ${JSON.stringify(buckets)}::text::jsonb)`,
      ),
  };
}
