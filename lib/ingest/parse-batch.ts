import { AppError } from "../core/errors.ts";
import { instantOf } from "../core/instant.ts";
import { readEvent, trackLimits, type UsageEvent } from "../usage/schema.ts";

/** One item that was not stored, as the answer lists it. */
export type RejectedItem = { index: number; request_id: string | null; code: string; message: string };

/** What can be stored, each with its place in the batch, and what cannot. */
export type ParsedBatch = { events: UsageEvent[]; positions: number[]; rejected: RejectedItem[] };

/** Only what the caller may read back: an id that is itself broken text is not repeated. */
function sentRequestId(item: unknown): string | null {
  if (typeof item !== "object" || item === null || Array.isArray(item)) return null;
  const id: unknown = (item as Record<string, unknown>).request_id;
  return typeof id === "string" && id.length <= 200 && !/[\0\p{Surrogate}]/u.test(id) ? id : null;
}

/**
 * Splits a request body into good events and rejected ones. Throws only for what concerns the request as a whole.
 * @param nowMs the door's clock; events must lie in [now − 35 days, now + 5 minutes]; those of an `import` may go back to the year 2000.
 */
export function parseBatch(body: unknown, nowMs: number, isImport = false): ParsedBatch {
  const items: unknown = typeof body === "object" && body !== null ? (body as Record<string, unknown>).events : undefined;
  if (!Array.isArray(items))
    throw new AppError("unprocessable", 'The body must be an object such as {"events": [...]}.', { param: "events" });
  if (items.length > trackLimits.events) {
    throw new AppError("too_large", `A batch holds at most ${trackLimits.events} events; this one has ${items.length}.`, {
      param: "events",
    });
  }
  const earliest = isImport ? "2000-01-01" : instantOf(nowMs - trackLimits.pastMs);
  const latest = instantOf(nowMs + trackLimits.futureMs);
  const batch: ParsedBatch = { events: [], positions: [], rejected: [] };
  items.forEach((item: unknown, index) => {
    const reading = readEvent(item);
    if (reading.event === undefined) {
      const { field, refusal } = reading;
      batch.rejected.push({ index, request_id: sentRequestId(item), code: refusal.code, message: `${field} ${refusal.rule}` });
      return;
    }
    const { event } = reading;
    if (event.timestamp < earliest || event.timestamp > latest) {
      const message = `timestamp must lie between ${isImport ? "the year 2000" : "35 days ago"} and 5 minutes from now`;
      batch.rejected.push({ index, request_id: event.request_id, code: "timestamp_out_of_range", message });
    } else {
      batch.events.push(event);
      batch.positions.push(index);
    }
  });
  return batch;
}
