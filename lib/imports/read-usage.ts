import { readEvent } from "../usage/schema.ts";
import { type Adapter, RowProblem } from "./adapter.ts";
import { sha256 } from "./file.ts";
import type { ReadRow } from "./rows.ts";
import type { ImportMapping, RowProblemReport, TrackedBucket } from "./schema.ts";

/** One event ready to be sent, with the line it came from. */
export type ImportEvent = { line: number; fields: Record<string, unknown>; cost: string | null; bucket: TrackedBucket | null };

export type RowResult = { events: ImportEvent[]; problem: (RowProblemReport & { isSkipped: boolean }) | null };

export type ReadContext = { adapter: Adapter; mapping: ImportMapping; fileDigest: string };

const problemAt = (line: number, code: string, message: string, isSkipped = false): RowResult => ({
  events: [],
  problem: { line, code, message: message.slice(0, 300), isSkipped },
});

/**
 * The id under which an event is stored for ever. The source's own id where it has one, so that every export of the same call is the same
 * event; otherwise the content of the file and the line, so that the same file is. Ids that are too long are hashed.
 */
async function requestIdOf(id: string | null, part: number, line: number, { adapter, fileDigest }: ReadContext): Promise<string> {
  if (id === null) return `import:${fileDigest.slice(0, 40)}:${line}${part > 0 ? `.${part}` : ""}`;
  const named = adapter.id === "tokentra" ? id : `${adapter.id}:${id}`;
  return named.length <= 200 ? named : `${adapter.id}:${await sha256(id)}`;
}

/** A row of a file as events, each checked by the rules of the door, or the reason why it is none. */
export async function readUsage(read: ReadRow, context: ReadContext): Promise<RowResult> {
  const { line } = read;
  if (read.row === undefined) return problemAt(line, "unreadable", read.problem);
  try {
    const events: ImportEvent[] = [];
    for (const [part, usage] of context.adapter.read(read.row, context.mapping).entries()) {
      const fields = { ...usage.fields, request_id: await requestIdOf(usage.id, part, line, context) };
      const checked = readEvent(fields);
      if (checked.event === undefined) return problemAt(line, checked.refusal.code, `${checked.field} ${checked.refusal.rule}`);
      const { provider, model } = checked.event;
      events.push({ line, fields, cost: usage.cost, bucket: usage.bucket === undefined ? null : { provider, model, ...usage.bucket } });
    }
    return { events, problem: null };
  } catch (error) {
    if (!(error instanceof RowProblem)) throw error;
    return problemAt(line, error.code, error.message, error.isSkipped);
  }
}
