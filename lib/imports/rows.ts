import { objectOf } from "./cells.ts";
import { createCsvReader } from "./csv-rows.ts";
import { createJsonLineReader, createJsonReader } from "./json-rows.ts";

/** A row with the line it begins on (in a JSON document: its number), or why there is none. */
export type ReadRow =
  | { line: number; row: Record<string, unknown>; problem?: undefined }
  | { line: number; row?: undefined; problem: string };

type Format = "csv" | "jsonl" | "json";

/** Told by the first character: `[` is a document, `{` is a document or a line of JSONL, anything else is a table. */
function formatOf(start: string): Format {
  const text = start.replace(/^\ufeff/, "").trimStart();
  if (text.startsWith("[")) return "json";
  if (!text.startsWith("{")) return "csv";
  try {
    const first = objectOf(JSON.parse(text.split("\n", 1)[0] ?? ""));
    return first !== null && Array.isArray(first.data) && !Object.hasOwn(first, "model") ? "json" : "jsonl";
  } catch {
    return /^\{\s*\n/.test(text) || /^\{[^[]{0,2000}"data"\s*:\s*\[/.test(text) ? "json" : "jsonl";
  }
}

function readerFor(start: string) {
  const format = formatOf(start);
  if (format === "csv") return createCsvReader();
  return format === "jsonl" ? createJsonLineReader() : createJsonReader(start);
}

/** The text of a stream, unpacked when it is gzip, whatever it is called. */
async function* texts(stream: ReadableStream<Uint8Array<ArrayBuffer>>, onBytes: (bytes: number) => void): AsyncGenerator<string> {
  const reader = stream.getReader();
  const first = await reader.read();
  const isGzip = first.value?.[0] === 0x1f && first.value?.[1] === 0x8b;
  let pending: ReadableStreamReadResult<Uint8Array<ArrayBuffer>> | null = first;
  const counted = new ReadableStream<Uint8Array<ArrayBuffer>>({
    async pull(controller) {
      const next = pending ?? (await reader.read());
      pending = null;
      if (next.done) return controller.close();
      onBytes(next.value.byteLength);
      controller.enqueue(next.value);
    },
    cancel: (reason) => reader.cancel(reason),
  });
  const plain = isGzip ? counted.pipeThrough(new DecompressionStream("gzip")) : counted;
  const decoded = plain.getReader();
  const decoder = new TextDecoder("utf-8");
  try {
    for (let next = await decoded.read(); !next.done; next = await decoded.read()) {
      yield decoder.decode(next.value, { stream: true });
    }
    yield decoder.decode();
  } finally {
    await decoded.cancel().catch(() => {});
  }
}

/**
 * The rows of a file as it is read, some at a time: never more in memory than one piece of the file. Whether it is CSV, JSONL, JSON, and
 * packed or not, is told by its first bytes.
 * @param onBytes called with the bytes that were read, as the file counts them
 */
export async function* readRows(
  stream: ReadableStream<Uint8Array<ArrayBuffer>>,
  onBytes: (bytes: number) => void = () => {},
): AsyncGenerator<ReadRow[]> {
  let reader: ReturnType<typeof readerFor> | null = null;
  let start = "";
  for await (const text of texts(stream, onBytes)) {
    if (reader === null) {
      start += text;
      // The first line decides; a document that is one line of many megabytes is decided by its beginning.
      if (!start.includes("\n") && start.length < 262_144) continue;
      reader = readerFor(start);
      yield reader.push(start, false);
    } else if (text !== "") yield reader.push(text, false);
  }
  if (reader === null) {
    reader = readerFor(start);
    yield reader.push(start, true);
  } else yield reader.push("", true);
}
