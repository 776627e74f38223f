import type { ImportMapping } from "./schema.ts";

/** A row as the file has it: texts by column for CSV, what JSON says otherwise. */
export type SourceRow = Readonly<Record<string, unknown>>;

/** What a row says, in the words of the track door, without its id. */
export type ReadUsage = {
  /** What the source itself calls this call or bucket; unique and the same in every export. Null when it names none. */
  id: string | null;
  fields: Record<string, unknown>;
  /** What the file says it cost, in US dollars, as the file writes it. */
  cost: string | null;
  /** For counts of a provider: the time that the bucket covers. */
  bucket?: { starts_at: string; ends_at: string };
};

/**
 * Reads one kind of export: pure, a row in, usage out. A row that cannot be read, or is left out on purpose, throws a `RowProblem`.
 * Requests are single calls; buckets are a provider's counts over a time.
 */
export type Adapter = {
  id: string;
  label: string;
  /** Where people get such a file. */
  comesFrom: string;
  kind: "requests" | "buckets";
  /** Whether a file with these columns (for JSON: keys of the first row) is one of these. */
  matches: (columns: ReadonlySet<string>) => boolean;
  read: (row: SourceRow, mapping: ImportMapping) => ReadUsage[];
};

/** Why a row is not imported. `isSkipped` tells what is left out on purpose from what is broken. */
export class RowProblem extends Error {
  override readonly name = "RowProblem";
  readonly code: string;
  readonly isSkipped: boolean;
  constructor(code: string, message: string, isSkipped = false) {
    super(message);
    this.code = code;
    this.isSkipped = isSkipped;
  }
}

export const leftOut = (code: string, message: string): RowProblem => new RowProblem(code, message, true);
