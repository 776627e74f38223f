import { costSheet, type Lines, requestSheet } from "./columns.ts";
import { csvEncoder, type Encoder, jsonlEncoder, type Names } from "./encode.ts";
import { focusEncoder } from "./focus.ts";
import { type AskAs, costPages, type ExportSlice, focusPages, requestPages } from "./pages.ts";
import { parquetEncoder } from "./parquet.ts";
import type { ExportQuery } from "./schema.ts";

/** A file under way. `ended` is called once, with the error when it did not come to its end. */
export type ExportFile = { fileName: string; mediaType: string; body(ended: (error?: unknown) => void): ReadableStream<Uint8Array> };

/** Nobody reads any more, though the connection is open. */
const stallMs = 5 * 60_000;

function encoderOf({ format, dataset }: ExportQuery, names: Names): Encoder {
  if (format === "focus") return focusEncoder(names);
  const sheet = dataset === "costs" ? costSheet : requestSheet;
  return { csv: csvEncoder, jsonl: jsonlEncoder, parquet: parquetEncoder }[format](sheet, names);
}

/** Asks for the next page while the last one is being written and sent; never more than one ahead. */
async function* readAhead(pages: AsyncGenerator<Lines>): AsyncGenerator<Lines> {
  try {
    let coming = pages.next();
    for (let page = await coming; !page.done; page = await coming) {
      coming = pages.next();
      coming.catch(() => {});
      yield page.value;
    }
  } finally {
    await pages.return(undefined).catch(() => {});
  }
}

/**
 * Opens an export: asks what it needs to begin, reads its first page (so that a refusal is an answer, not half a file), and streams the rest
 * page by page as it is read. Memory is that of two pages, whatever the size. What is recorded during an export may or may not be in it.
 * @throws AppError of whoever asks
 */
export async function openExport(ask: AskAs, query: ExportQuery, slice: ExportSlice): Promise<ExportFile> {
  const labels = await ask(
    (transaction, organizationId) =>
      transaction<{ id: string; name: string }[]>`select id::text, name from private.export_labels(${organizationId})`,
  );
  const encoder = encoderOf(query, new Map(labels.map(({ id, name }) => [id, name])));
  const read = query.format === "focus" ? focusPages : query.dataset === "costs" ? costPages : requestPages;
  const pages = readAhead(read(ask, slice));
  const first = await pages.next();
  const what = query.format === "focus" ? "costs" : query.dataset;
  return {
    fileName: `tokentra-${what}-${slice.from.slice(0, 10)}-${slice.to.slice(0, 10)}.${encoder.extension}`,
    mediaType: encoder.mediaType,
    body: (ended) => streamPages(first, pages, encoder, ended),
  };
}

function streamPages(
  first: IteratorResult<Lines>,
  pages: AsyncGenerator<Lines>,
  encoder: Encoder,
  ended: (error?: unknown) => void,
): ReadableStream<Uint8Array> {
  let page: IteratorResult<Lines> = first;
  let written = 0;
  let stalled: ReturnType<typeof setTimeout> | undefined;
  let isOver = false;
  const leave = (error?: unknown): void => {
    clearTimeout(stalled);
    if (isOver) return;
    isOver = true;
    void pages.return(undefined).catch(() => {});
    ended(error);
  };
  return new ReadableStream<Uint8Array>({
    start(controller) {
      const head = encoder.begin();
      if (head.length > 0) controller.enqueue(head);
    },
    async pull(controller) {
      clearTimeout(stalled);
      try {
        if (!page.done && written >= page.value.length) {
          page = await pages.next();
          written = 0;
        }
        if (page.done) {
          const tail = encoder.end();
          if (tail.length > 0) controller.enqueue(tail);
          controller.close();
          return leave();
        }
        const block = page.value.slice(written, written + (encoder.blockLines ?? page.value.length));
        written += block.length;
        controller.enqueue(encoder.write(block));
        stalled = setTimeout(() => {
          const error = new Error("nobody read the export");
          leave(error);
          controller.error(error);
        }, stallMs);
      } catch (error) {
        leave(error);
        throw error;
      }
    },
    cancel() {
      leave(new Error("the caller went away"));
    },
  });
}
