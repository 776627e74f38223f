import type { ImportEvent, RowResult } from "./read-usage.ts";
import type { RowProblemReport } from "./schema.ts";

/** Consecutive rows of a file and what became of them before anything was sent. */
export type Batch = {
  fromRow: number;
  toRow: number;
  bytesRead: number;
  events: ImportEvent[];
  problems: RowProblemReport[];
  rejected: number;
  skipped: number;
};

const batchEvents = 1_000;
const batchRows = 20_000;
const reportedProblems = 200;

/** Gathers rows into batches of about a thousand events. A row is never split over two batches: progress counts rows. */
export function createBatcher(fromRow: number) {
  const open = (from: number): Batch => ({ fromRow: from, toRow: from, bytesRead: 0, events: [], problems: [], rejected: 0, skipped: 0 });
  let batch = open(fromRow);

  function take(bytesRead: number): Batch {
    const full = { ...batch, bytesRead };
    batch = open(batch.toRow);
    return full;
  }

  return {
    /** The batch that this row completes, or null. `row` is the number of rows read so far, this one included. */
    add({ events, problem }: RowResult, row: number, bytesRead: number): Batch | null {
      for (const event of events) batch.events.push(event);
      if (problem !== null) {
        const { isSkipped, ...report } = problem;
        if (isSkipped) batch.skipped++;
        else batch.rejected++;
        if (batch.problems.length < reportedProblems) batch.problems.push(report);
      }
      batch.toRow = row;
      return batch.events.length >= batchEvents || row - batch.fromRow >= batchRows ? take(bytesRead) : null;
    },
    close(row: number, bytesRead: number): Batch | null {
      return row > batch.fromRow ? take(bytesRead) : null;
    },
  };
}
