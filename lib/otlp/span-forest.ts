import type { Submission } from "../ingest/submission.ts";

/** The spans of a batch as columns, parents before children. Places count from 1, as in SQL; parent 0 is none. */
export type SpanForest = {
  /** For each event of all submissions in order, the place of its node. */
  eventNodes: number[];
  submissions: number[];
  traces: string[];
  spans: string[];
  parents: number[];
  families: (string | null)[];
  hasUsage: boolean[];
};

type Node = { submission: number; traceId: string; spanId: string; parentSpanId: string | null; family: string | null; hasUsage: boolean };

/** 8 bytes in hex as the signed number that Postgres stores. */
const signed = (spanId: string): string => String(BigInt.asIntN(64, BigInt(`0x${spanId}`)));

/**
 * Puts the spans of each submission in order. A parent that did not come along becomes a node as well: what lies inside it has to be noted
 * there, and it may be known from before. A span that comes twice is one node; parents in a circle have none.
 */
export function spanForest(submissions: readonly Submission[]): SpanForest {
  const forest: SpanForest = { eventNodes: [], submissions: [], traces: [], spans: [], parents: [], families: [], hasUsage: [] };
  submissions.forEach(({ events, spans = [] }, index) => {
    const nodes = new Map<string, Node>();
    const nodeOfEvent = new Map<number, string>();
    for (const { traceId, spanId, parentSpanId, call } of spans) {
      const id = traceId + spanId;
      const known = nodes.get(id);
      if (known === undefined) {
        nodes.set(id, { submission: index + 1, traceId, spanId, parentSpanId, family: null, hasUsage: false });
      } else known.parentSpanId ??= parentSpanId;
      if (parentSpanId !== null && !nodes.has(traceId + parentSpanId)) {
        nodes.set(traceId + parentSpanId, { ...nodes.get(id)!, spanId: parentSpanId, parentSpanId: null, family: null, hasUsage: false });
      }
      if (call === null) continue;
      nodeOfEvent.set(call.event, id);
      const node = nodes.get(id)!;
      node.family = call.family;
      node.hasUsage ||= call.hasUsage;
    }
    const places = placeNodes(nodes, forest);
    events.forEach((_, event) => {
      forest.eventNodes.push(places.get(nodeOfEvent.get(event) ?? "") ?? 0);
    });
  });
  return forest;
}

/** Appends the nodes to the columns, each after its parent. */
function placeNodes(nodes: ReadonlyMap<string, Node>, forest: SpanForest): Map<string, number> {
  const places = new Map<string, number>();
  for (const start of nodes.keys()) {
    const way: string[] = [];
    const onWay = new Set<string>();
    for (let id: string | null = start; id !== null && !places.has(id) && !onWay.has(id); ) {
      way.push(id);
      onWay.add(id);
      const { traceId, parentSpanId }: Node = nodes.get(id)!;
      id = parentSpanId === null ? null : traceId + parentSpanId;
    }
    for (const id of way.reverse()) {
      const node = nodes.get(id)!;
      const parent = node.parentSpanId === null ? undefined : places.get(node.traceId + node.parentSpanId);
      places.set(id, forest.spans.length + 1);
      forest.submissions.push(node.submission);
      forest.traces.push(node.traceId);
      forest.spans.push(signed(node.spanId));
      forest.parents.push(parent ?? 0);
      forest.families.push(node.family);
      forest.hasUsage.push(node.hasUsage);
    }
  }
  return places;
}
