import type { TransactionSql } from "postgres";
import { AppError } from "../core/errors.ts";
import type { Lines } from "./columns.ts";

/** What postgres.js hands out for COPY, as far as we use it. */
type ByteSource = {
  on(event: "data", listener: (chunk: Uint8Array) => void): unknown;
  on(event: "end", listener: () => void): unknown;
  on(event: "error", listener: (error: unknown) => void): unknown;
};

/** Bytes of one page after another, in memory that is kept. */
export type PageBuffer = { bytes: Uint8Array };

/**
 * Reads what `copy (…) to stdout (null '', delimiter ',')` writes, whole: COPY costs a third of what rows cost, on both ends. It takes no parameters, so
 * `settings` are set in the transaction under `tokentra.export_*` before, where `statement` (a constant of ours) reads them.
 */
export async function readPage(
  transaction: TransactionSql,
  statement: string,
  settings: Readonly<Record<string, string>>,
  buffer: PageBuffer,
): Promise<Lines> {
  await transaction`
    select set_config('timezone', 'UTC', true), set_config('tokentra.export_' || s.key, s.value, true)
    from jsonb_each_text(${JSON.stringify(settings)}::text::jsonb) s`;
  const source = (await transaction.unsafe(statement).readable()) as ByteSource;
  let length = 0;
  await new Promise<void>((resolve, reject) => {
    source.on("data", (chunk) => {
      if (length + chunk.length > buffer.bytes.length) {
        const larger = new Uint8Array(Math.max(buffer.bytes.length * 2, length + chunk.length));
        larger.set(buffer.bytes.subarray(0, length));
        buffer.bytes = larger;
      }
      buffer.bytes.set(chunk, length);
      length += chunk.length;
    });
    source.on("end", () => resolve());
    source.on("error", (error) => reject(error instanceof Error ? error : new AppError("unavailable", undefined, { cause: error })));
  });
  const text = new TextDecoder().decode(buffer.bytes.subarray(0, length));
  return text === "" ? [] : text.slice(0, -1).split("\n");
}
