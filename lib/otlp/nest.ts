import type { Span } from "./span.ts";
import { type CallFamily, hasUsage, roleOf } from "./span-role.ts";

/** A span that may be charged: the innermost call of its nest, as far as this request shows. */
export type NestedCall = { span: Span; family: CallFamily; hasUsage: boolean };

/** How far outwards a nest is followed. Deeper than any program nests spans; bounds the work that a hostile request can ask for. */
const mostLevels = 128;

/**
 * Decides which spans of a request stand for a model call each. Several spans may report one call: an SDK's own span around that of
 * an instrumented client, a parent that repeats the tokens of its child. On any way from a call outwards, among calls of one family,
 * the innermost that reports usage counts; one that reports none counts only if no call inside it or around it does.
 */
export function innermostCalls(spans: readonly Span[]): NestedCall[] {
  const byId = new Map<string, Span>();
  const calls = new Map<Span, NestedCall>();
  for (const span of spans) {
    byId.set(span.traceId + span.spanId, span);
    const role = roleOf(span);
    if (role.role === "call") calls.set(span, { span, family: role.family, hasUsage: hasUsage(span) });
  }
  function* around({ span, family }: NestedCall): Generator<NestedCall> {
    let outer: Span | undefined = span;
    for (let level = 0; level < mostLevels; level++) {
      if (outer.parentSpanId === null) return;
      outer = byId.get(outer.traceId + outer.parentSpanId);
      if (outer === undefined || outer === span) return;
      const call = calls.get(outer);
      if (call?.family === family) yield call;
    }
  }
  const repeated = new Set<NestedCall>();
  for (const call of calls.values()) if (call.hasUsage) for (const outer of around(call)) repeated.add(outer);
  for (const call of calls.values()) {
    if (call.hasUsage) continue;
    const outers = [...around(call)];
    if (outers.some((outer) => outer.hasUsage && !repeated.has(outer))) repeated.add(call);
    else for (const outer of outers) repeated.add(outer);
  }
  return [...calls.values()].filter((call) => !repeated.has(call));
}
