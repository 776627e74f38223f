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
 * @param nowMs the door's clock; events must lie in [now − 35 days, now + 5 minutes] unless `anyTime` (imports).
 */
export function parseBatch(body: unknown, nowMs: number, anyTime = false): ParsedBatch {
  const items: unknown = typeof body === "object" && body !== null ? (body as Record<string, unknown>).events : undefined;
  if (!Array.isArray(items))
    throw new AppError("unprocessable", 'The body must be an object such as {"events": [...]}.', { param: "events" });
  if (items.length > trackLimits.events) {
    throw new AppError("too_large", `A batch holds at most ${trackLimits.events} events; this one has ${items.length}.`, {
      param: "events",
    });
  }
  const earliest = anyTime ? "" : instantOf(nowMs - trackLimits.pastMs);
  const latest = anyTime ? "~" : instantOf(nowMs + trackLimits.futureMs);
  const batch: ParsedBatch = { events: [], positions: [], rejected: [] };
  items.forEach((item: unknown, index) => {
    const read = readEvent(item);
    if ("refusal" in read) {
      const { field, refusal } = read;
      batch.rejected.push({ index, request_id: sentRequestId(item), code: refusal.code, message: `${field} ${refusal.rule}` });
    } else if (read.timestamp < earliest || read.timestamp > latest) {
      const message = "timestamp must lie between 35 days ago and 5 minutes from now";
      batch.rejected.push({ index, request_id: read.request_id, code: "timestamp_out_of_range", message });
    } else {
      batch.events.push(read);
      batch.positions.push(index);
    }
  });
  return batch;
}
