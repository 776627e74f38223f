import { openAsBlob } from "node:fs";
import { stat } from "node:fs/promises";
import { basename } from "node:path";
import { adapterOf, adapters, detectAdapter } from "../imports/adapters/known.ts";
import { tokentra } from "../imports/adapters/tokentra.ts";
import { type ImportFile, inspect } from "../imports/file.ts";
import { createImportClient } from "../imports/import-client.ts";
import { type ImportProgress, runImport } from "../imports/run-import.ts";
import type { ImportDocument } from "../imports/schema.ts";
import { type Arguments, UsageError } from "./arguments.ts";

async function openFile(path: string): Promise<ImportFile> {
  const found = await stat(path).catch(() => null);
  if (found === null || !found.isFile()) throw new UsageError(`There is no file ${path}.`);
  const blob = await openAsBlob(path);
  return { name: basename(path), size: found.size, stream: () => blob.stream() as ReadableStream<Uint8Array<ArrayBuffer>> };
}

function chooseAdapter(name: string | null, columns: string[], isMapped: boolean) {
  if (name !== null) {
    const named = adapterOf(name);
    if (named === null) throw new UsageError(`There is no adapter ${name}. Known: ${adapters.map(({ id }) => id).join(", ")}.`);
    return named;
  }
  // Columns that nobody knows may have been mapped before: the mapping is remembered beside them.
  return isMapped ? tokentra : (detectAdapter(columns) ?? tokentra);
}

/** Imports one file from disk. `say` gets lines for people, `onProgress` where it is. */
export async function importFile(
  given: Arguments,
  say: (line: string) => void,
  onProgress: (progress: ImportProgress) => void,
): Promise<ImportDocument> {
  const file = await openFile(given.file);
  const { columns } = await inspect(file);
  if (columns.length === 0) throw new UsageError(`${given.file} has no rows that can be read.`);
  const adapter = chooseAdapter(given.adapter, columns, given.mapping !== null);
  say(`${file.name}: ${adapter.label}${given.isDryRun ? ", dry run" : ""}`);
  const client = createImportClient({
    baseUrl: given.baseUrl,
    apiKey: given.apiKey,
    onWait: (seconds, reason) => say(`${reason} Trying again in ${seconds.toFixed(1)} s.`),
  });
  const { mapping, isDryRun, includeTracked } = given;
  return runImport({ file, adapter, columns, mapping, isDryRun, includeTracked, client, onProgress });
}
