import { readFileSync } from "node:fs";
import { basename } from "node:path";
import { fileURLToPath } from "node:url";
import { adapterOf, detectAdapter } from "../../lib/imports/adapters/known.ts";
import { type ImportFile, inspect } from "../../lib/imports/file.ts";
import { type RowResult, readUsage } from "../../lib/imports/read-usage.ts";
import { type ReadRow, readRows } from "../../lib/imports/rows.ts";
import type { ImportMapping } from "../../lib/imports/schema.ts";

export const fixturePath = (name: string): string => fileURLToPath(new URL(`./fixtures/imports/${name}`, import.meta.url));

/** A file of these bytes, handed out in pieces of `piece` bytes, however characters and rows fall. */
export function fileOf(content: string | Uint8Array<ArrayBuffer>, { name = "file", piece = 65_536 } = {}): ImportFile {
  const bytes = typeof content === "string" ? new TextEncoder().encode(content) : content;
  return {
    name,
    size: bytes.length,
    stream: () => {
      let at = 0;
      return new ReadableStream({
        pull(controller) {
          if (at >= bytes.length) return controller.close();
          controller.enqueue(bytes.slice(at, at + piece));
          at += piece;
        },
      });
    },
  };
}

export const fixture = (name: string, piece?: number): ImportFile =>
  fileOf(new Uint8Array(readFileSync(fixturePath(name))), { name: basename(name), ...(piece === undefined ? {} : { piece }) });

export async function rowsOf(file: ImportFile): Promise<ReadRow[]> {
  const found: ReadRow[] = [];
  for await (const rows of readRows(file.stream())) found.push(...rows);
  return found;
}

/** What each row of a file comes to, read by the adapter that its header names unless another one is given. */
export async function readFileAs(
  file: ImportFile,
  mapping: ImportMapping = {},
  adapterId?: string,
): Promise<{ adapter: string; rows: RowResult[] }> {
  const { columns } = await inspect(file);
  const adapter = adapterId === undefined ? detectAdapter(columns) : adapterOf(adapterId);
  if (adapter === null) throw new Error(`no adapter for ${columns.join(", ")}`);
  const rows: RowResult[] = [];
  for (const read of await rowsOf(file)) rows.push(await readUsage(read, { adapter, mapping, fileDigest: "0".repeat(64) }));
  return { adapter: adapter.id, rows };
}
