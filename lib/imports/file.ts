import { readRows } from "./rows.ts";

/** A file that can be read more than once: a `File` of a browser, or one on disk. */
export type ImportFile = { name: string; size: number; stream: () => ReadableStream<Uint8Array<ArrayBuffer>> };

const hex = (bytes: ArrayBuffer): string => Array.from(new Uint8Array(bytes), (byte) => byte.toString(16).padStart(2, "0")).join("");
const encoder = new TextEncoder();

export const sha256 = async (text: string): Promise<string> => hex(await crypto.subtle.digest("SHA-256", encoder.encode(text)));

/** What a file is, whatever it is called: SHA-256 over the SHA-256 of each MiB. Browsers hash no streams, and the file may be larger than memory. */
export async function digestOf(file: ImportFile): Promise<string> {
  const block = new Uint8Array(1_048_576);
  let filled = 0;
  let digests = "";
  const reader = file.stream().getReader();
  const close = async () => {
    digests += hex(await crypto.subtle.digest("SHA-256", block.subarray(0, filled)));
    filled = 0;
  };
  for (let next = await reader.read(); !next.done; next = await reader.read()) {
    for (let at = 0; at < next.value.byteLength; ) {
      const taken = Math.min(block.length - filled, next.value.byteLength - at);
      block.set(next.value.subarray(at, at + taken), filled);
      filled += taken;
      at += taken;
      if (filled === block.length) await close();
    }
  }
  await close();
  return sha256(digests);
}

/** The columns of a file and its first rows, without reading more than its beginning. */
export async function inspect(file: ImportFile, rows = 5): Promise<{ columns: string[]; sample: Record<string, unknown>[] }> {
  const sample: Record<string, unknown>[] = [];
  for await (const read of readRows(file.stream())) {
    for (const { row } of read) if (row !== undefined && sample.length < rows) sample.push(row);
    if (sample.length >= rows) break;
  }
  return { columns: Object.keys(sample[0] ?? {}), sample };
}
