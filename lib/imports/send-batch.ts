import type { Batch } from "./batches.ts";
import type { ImportClient } from "./import-client.ts";
import type { ImportEvent } from "./read-usage.ts";
import type { AdvanceImportInput, RowProblemReport, TrackedBucket } from "./schema.ts";

export type SendOptions = { client: ImportClient; isDryRun: boolean; includeTracked: boolean };

const requestEvents = 1_000;

/** Splits off the events of buckets whose traffic is tracked already: with them, the same tokens would be counted twice. */
async function withoutTracked(events: ImportEvent[], client: ImportClient): Promise<{ fresh: ImportEvent[]; tracked: ImportEvent[] }> {
  const places = new Map<string, number>();
  const buckets: TrackedBucket[] = [];
  const placeOf = events.map(({ bucket }) => {
    if (bucket === null) return null;
    const name = JSON.stringify(bucket);
    const known = places.get(name) ?? buckets.push(bucket) - 1;
    places.set(name, known);
    return known;
  });
  if (buckets.length === 0) return { fresh: events, tracked: [] };
  const isTracked: boolean[] = [];
  for (let at = 0; at < buckets.length; at += 500) isTracked.push(...(await client.tracked(buckets.slice(at, at + 500))));
  const belongs = (index: number) => placeOf[index] !== null && isTracked[placeOf[index]!] === true;
  return { fresh: events.filter((_, index) => !belongs(index)), tracked: events.filter((_, index) => belongs(index)) };
}

const linesOf = (events: readonly ImportEvent[]): number[] => [...new Set(events.map(({ line }) => line))];

/**
 * Sends a batch through the door (for a dry run: hands it over to be compared) and tells what to note about it. Rows are counted, not
 * events: a row with a refused part is a refused row.
 */
export async function sendBatch(batch: Batch, { client, isDryRun, includeTracked }: SendOptions): Promise<AdvanceImportInput> {
  const { fresh, tracked } = includeTracked ? { fresh: batch.events, tracked: [] } : await withoutTracked(batch.events, client);
  const problems: RowProblemReport[] = [...batch.problems];
  for (const line of linesOf(tracked)) {
    problems.push({
      line,
      code: "already_tracked",
      message: "calls of this model in this time are tracked; the bucket would count them twice",
    });
  }
  let accepted = isDryRun ? fresh.length : 0;
  let duplicates = 0;
  const refused = new Map<number, RowProblemReport>();
  for (let at = 0; at < fresh.length && !isDryRun; at += requestEvents) {
    const part = fresh.slice(at, at + requestEvents);
    const answer = await client.track(part.map(({ fields }) => fields));
    accepted += answer.accepted;
    duplicates += answer.duplicates;
    for (const { index, code, message } of answer.rejected) {
      const line = part[index]?.line ?? 0;
      refused.set(line, { line, code, message: message.slice(0, 300) });
    }
  }
  problems.push(...refused.values());
  return {
    from_row: batch.fromRow,
    to_row: batch.toRow,
    bytes_read: batch.bytesRead,
    accepted,
    duplicates,
    rejected: batch.rejected + refused.size,
    skipped: batch.skipped + linesOf(tracked).length,
    problems: problems.sort((a, b) => a.line - b.line).slice(0, 200),
    events: isDryRun ? fresh.map(({ fields, cost, line }) => ({ ...fields, their_cost: cost, line })) : [],
  };
}
