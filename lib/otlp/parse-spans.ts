import { AppError } from "../core/errors.ts";
import { instantOf } from "../core/instant.ts";
import type { SpanLink } from "../ingest/submission.ts";
import { trackLimits, type UsageEvent } from "../usage/schema.ts";
import type { SpanBatch } from "./span.ts";
import { eventOf } from "./span-event.ts";
import { hasUsage, roleOf } from "./span-role.ts";

/** The usage events of a request, how all its spans hang together, and one sentence for each span that cannot be stored. */
export type ParsedSpans = { events: UsageEvent[]; spans: SpanLink[]; refusals: string[] };

/**
 * Turns the model calls among the spans of a request into usage events; other spans only say what lies inside what. Which of several spans
 * is charged for one call is decided where all of them are known, in SQL.
 * @param nowMs the door's clock: a call must have begun in [now − 35 days, now + 5 minutes].
 * @throws AppError `too_large` when there are more calls than a batch may hold.
 */
export function parseSpans({ spans, malformed }: SpanBatch, nowMs: number): ParsedSpans {
  const earliest = instantOf(nowMs - trackLimits.pastMs);
  const latest = instantOf(nowMs + trackLimits.futureMs);
  const parsed: ParsedSpans = { events: [], spans: [], refusals: [...malformed] };
  for (const span of spans) {
    const { traceId, spanId, parentSpanId } = span;
    const link: SpanLink = { traceId, spanId, parentSpanId, call: null };
    parsed.spans.push(link);
    const role = roleOf(span);
    if (role.role !== "call") continue;
    if (parsed.events.length === trackLimits.events) {
      throw new AppError("too_large", `A request holds at most ${trackLimits.events} model calls.`);
    }
    const { event, field, refusal } = eventOf(span, role.family);
    if (event === undefined) parsed.refusals.push(`span ${spanId}: ${field} ${refusal.rule}`);
    else if (event.timestamp < earliest || event.timestamp > latest) {
      parsed.refusals.push(`span ${spanId}: it must have begun between 35 days ago and 5 minutes from now`);
    } else {
      const place = parsed.events.push(event) - 1;
      if (!role.isAlwaysCharged) link.call = { event: place, family: role.family, hasUsage: hasUsage(span) };
    }
  }
  return parsed;
}
