import type { Submission, SubmissionOutcome } from "./submission.ts";

/**
 * Puts the submissions of one key together, so that the database authenticates and classifies it once: with many small requests of the same
 * sender this halves the work of a transaction. `split` gives each submission its part of the outcomes back, in the given order.
 */
export function mergeByKey(submissions: readonly Submission[]): {
  merged: Submission[];
  split: (outcomes: SubmissionOutcome[]) => SubmissionOutcome[];
} {
  const placeOfKey = new Map<string, number>();
  const merged: Submission[] = [];
  const parts = submissions.map(({ keyHash, events, spans }) => {
    const name = keyHash.join();
    let place = placeOfKey.get(name);
    if (place === undefined) {
      place = merged.push({ keyHash, events: [] }) - 1;
      placeOfKey.set(name, place);
    }
    const into = merged[place]!.events;
    const from = into.length;
    for (const event of events) into.push(event);
    if (spans !== undefined) {
      const links = merged[place]!.spans ?? [];
      merged[place]!.spans = links;
      for (const { call, ...link } of spans) links.push({ ...link, call: call && { ...call, event: call.event + from } });
    }
    return { place, from, to: into.length };
  });
  return {
    merged,
    split(outcomes) {
      merged.forEach(({ events }, place) => {
        const outcome = outcomes[place];
        if (outcome === undefined || (outcome.outcome === "ok" && outcome.results.length !== events.length)) {
          throw new Error(`recorded ${events.length} events of submission ${place}, got ${outcome?.results.length ?? "no"} results`);
        }
      });
      return parts.map(({ place, from, to }) => ({ ...outcomes[place]!, results: outcomes[place]!.results.slice(from, to) }));
    },
  };
}
