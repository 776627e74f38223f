import type { Adapter } from "./adapter.ts";
import { type Batch, createBatcher } from "./batches.ts";
import { digestOf, type ImportFile, sha256 } from "./file.ts";
import type { ImportClient } from "./import-client.ts";
import { type ReadContext, readUsage } from "./read-usage.ts";
import { readRows } from "./rows.ts";
import type { ImportCounts, ImportDocument, ImportMapping } from "./schema.ts";
import { sendBatch } from "./send-batch.ts";

export type ImportProgress = ImportCounts & { file_bytes: number; phase: "hashing" | "reading" };

export type ImportOptions = {
  file: ImportFile;
  adapter: Adapter;
  columns: readonly string[];
  /** Null: the mapping that was last used for these columns. */
  mapping: ImportMapping | null;
  isDryRun: boolean;
  /** Brings in buckets of models whose traffic is tracked already; they then count twice. */
  includeTracked?: boolean;
  client: ImportClient;
  onProgress?: (progress: ImportProgress) => void;
};

/** Which rows are known by the columns they came under: a mapping is remembered for them. */
export const columnsDigest = (columns: readonly string[]): Promise<string> => sha256(JSON.stringify(columns));

/**
 * Brings a file in, or looks at it (dry run). Reads it as a stream and never holds more than a few batches. What it did is noted after each
 * batch, so that running it again goes on where it ended; events that were stored meanwhile are recognised by their id.
 * @throws ImportRefused what a door answered that trying again does not change
 */
export async function runImport(options: ImportOptions): Promise<ImportDocument> {
  const { file, adapter, isDryRun, client, onProgress = () => {} } = options;
  const nothing = { rows_read: 0, bytes_read: 0, accepted: 0, duplicates: 0, rejected: 0, skipped: 0 };
  onProgress({ ...nothing, file_bytes: file.size, phase: "hashing" });
  const fileDigest = await digestOf(file);
  const started = await client.start({
    file_name: file.name.replace(/[\p{Cc}\p{Surrogate}]/gu, " ").slice(-200) || "file",
    file_bytes: file.size,
    file_digest: fileDigest,
    adapter: adapter.id,
    columns_digest: await columnsDigest(options.columns),
    mapping: options.mapping,
    is_dry_run: isDryRun,
  });
  const context: ReadContext = { adapter, mapping: started.mapping, fileDigest };
  let bytesRead = 0;
  let row = 0;
  // The note about one batch is written while the next one is sent.
  let noted: Promise<void> = Promise.resolve();

  async function settle(batch: Batch): Promise<void> {
    const outcome = await sendBatch(batch, { client, isDryRun, includeTracked: options.includeTracked ?? false });
    await noted;
    noted = client.advance(started.id, outcome).then((counts) => onProgress({ ...counts, file_bytes: file.size, phase: "reading" }));
    noted.catch(() => {});
  }

  try {
    const batcher = createBatcher(started.rows_read);
    for await (const rows of readRows(file.stream(), (bytes) => (bytesRead += bytes))) {
      for (const read of rows) {
        if (row++ < started.rows_read) continue;
        const batch = batcher.add(await readUsage(read, context), row, bytesRead);
        if (batch !== null) await settle(batch);
      }
    }
    const last = batcher.close(row, bytesRead);
    if (last !== null) await settle(last);
    await noted;
  } catch (error) {
    await noted.catch(() => {});
    throw error;
  }
  return client.finish(started.id, { status: "done", message: null });
}
