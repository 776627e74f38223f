import { type DemoEvent, eventsOfDay } from "./day.ts";

export interface HistoryOptions {
  /** Base address of the product. */
  url: string;
  /** Key with scopes ingest and admin: history is older than the door takes from an application. */
  key: string;
  days: Array<[day: string, daysAgo: number]>;
  onProgress: (line: string) => void;
}

const batchSize = 1_000;
const patience = 20;

interface TrackAnswer {
  accepted: number;
  duplicates: number;
  rejected: Array<{ index: number; code: string; message: string }>;
}

/** Sends one batch as the contract asks of a client: what is not acknowledged is sent again, after the time the door names. */
async function send(options: HistoryOptions, events: DemoEvent[], attempt = 1): Promise<TrackAnswer> {
  const answer = await fetch(`${options.url}/api/sdk/v1/track?source=import`, {
    method: "POST",
    headers: { authorization: `Bearer ${options.key}`, "content-type": "application/json" },
    body: JSON.stringify({ events }),
  });
  if ((answer.status === 503 || answer.status === 429) && attempt < patience) {
    await new Promise((resolve) => setTimeout(resolve, Number(answer.headers.get("retry-after") ?? 1) * 1_000));
    return send(options, events, attempt + 1);
  }
  if (!answer.ok)
    throw new Error(`The ingestion door answers ${answer.status} to the demo history: ${(await answer.text()).slice(0, 500)}`);
  return (await answer.json()) as TrackAnswer;
}

/** Sends the history up to this moment, day by day, two batches at a time; throws when the door rejects an event. */
export async function sendHistory(options: HistoryOptions): Promise<void> {
  const now = new Date().toISOString();
  let batch: DemoEvent[] = [];
  let accepted = 0;
  let duplicates = 0;
  const inFlight = new Set<Promise<void>>();
  const flush = async () => {
    const events = batch;
    batch = [];
    if (events.length === 0) return;
    const sending = send(options, events).then((answer) => {
      const [wrong] = answer.rejected;
      if (wrong) throw new Error(`The door rejects demo event ${events[wrong.index]?.request_id}: ${wrong.code}, ${wrong.message}`);
      accepted += answer.accepted;
      duplicates += answer.duplicates;
    });
    inFlight.add(sending);
    sending.finally(() => inFlight.delete(sending)).catch(() => {});
    if (inFlight.size >= 2) await Promise.race(inFlight);
  };
  for (const [index, [day, daysAgo]] of options.days.entries()) {
    for (const event of eventsOfDay(day, daysAgo)) {
      if (event.timestamp > now) break;
      batch.push(event);
      if (batch.length >= batchSize) await flush();
    }
    if ((index + 1) % 30 === 0) options.onProgress(`Demo history: ${index + 1} of ${options.days.length} days sent`);
  }
  await flush();
  await Promise.all(inFlight);
  options.onProgress(`Demo history complete: ${accepted} events new, ${duplicates} already there`);
}
