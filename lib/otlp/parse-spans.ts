import { AppError } from "../core/errors.ts";
import { instantOf } from "../core/instant.ts";
import { trackLimits, type UsageEvent } from "../usage/schema.ts";
import { innermostCalls } from "./nest.ts";
import type { SpanBatch } from "./span.ts";
import { eventOf } from "./span-event.ts";

/** The usage events of a request, and one sentence for each span that cannot be stored. */
export type ParsedSpans = { events: UsageEvent[]; refusals: string[] };

/**
 * Turns the model calls among the spans of a request into usage events; all other spans are of no interest and no error.
 * @param nowMs the door's clock: a call must have begun in [now − 35 days, now + 5 minutes].
 * @throws AppError `too_large` when there are more calls than a batch may hold.
 */
export function parseSpans({ spans, malformed }: SpanBatch, nowMs: number): ParsedSpans {
  const calls = innermostCalls(spans);
  if (calls.length > trackLimits.events) throw new AppError("too_large", `A request holds at most ${trackLimits.events} model calls.`);
  const earliest = instantOf(nowMs - trackLimits.pastMs);
  const latest = instantOf(nowMs + trackLimits.futureMs);
  const parsed: ParsedSpans = { events: [], refusals: [...malformed] };
  for (const { span, family } of calls) {
    const { event, field, refusal } = eventOf(span, family);
    if (event === undefined) parsed.refusals.push(`span ${span.spanId}: ${field} ${refusal.rule}`);
    else if (event.timestamp < earliest || event.timestamp > latest) {
      parsed.refusals.push(`span ${span.spanId}: it must have begun between 35 days ago and 5 minutes from now`);
    } else parsed.events.push(event);
  }
  return parsed;
}
