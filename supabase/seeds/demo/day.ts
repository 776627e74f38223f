import { Temporal } from "temporal-polyfill";
import { type Feature, features, incident, type ModelShare, timeZone } from "./cast.ts";
import { logNormal, pick, randomFrom } from "./random.ts";

/** One event as the track door takes it. */
export type DemoEvent = Record<string, unknown> & { request_id: string; timestamp: string };

const requestsPerDay = 1_450;
const hourWeights = [2, 1, 1, 1, 1, 2, 4, 8, 14, 20, 23, 22, 19, 21, 24, 23, 21, 17, 12, 9, 7, 6, 4, 3].map((weight, hour) => ({
  weight,
  hour,
}));
const environments = [
  { weight: 88, name: "production" },
  { weight: 9, name: "staging" },
  { weight: 3, name: "development" },
];
const people = Array.from({ length: 160 }, (_, index) => ({
  weight: 1 / (index + 4),
  id: `customer-${String(index + 1).padStart(4, "0")}`,
}));

const inUse = (share: { since?: number; until?: number }, daysAgo: number) =>
  (share.since === undefined || daysAgo <= share.since) && (share.until === undefined || daysAgo > share.until);

function usage(random: () => number, feature: Feature, model: ModelShare, growth: number): Record<string, unknown> {
  const input = Math.max(1, Math.round(logNormal(random, feature.inputTokens * growth, 0.55)));
  const output = feature.outputTokens === 0 ? 0 : Math.max(1, Math.round(logNormal(random, feature.outputTokens, 0.6)));
  const cached = Math.floor(input * feature.cached * random());
  const written = model.provider === "anthropic" ? Math.floor((input - cached) * 0.3 * random()) : 0;
  return {
    input_tokens: input,
    cached_input_tokens: cached,
    ...(written > 0 ? { cache_write_5m_tokens: written } : {}),
    ...(feature.audio ? { input_audio_tokens: Math.floor((input - cached) * 0.8) } : {}),
    output_tokens: output,
    ...(model.reasoning ? { reasoning_tokens: Math.floor(output * model.reasoning) } : {}),
  };
}

/** A call of this moment, as the history would have it on its day zero: what the live trickle sends. */
export function currentCall(random: () => number, day: string, hour: number): DemoEvent | null {
  return event(random, day, 0, hour, 0, false);
}

function event(random: () => number, day: string, index: number, hour: number, daysAgo: number, storm: boolean): DemoEvent | null {
  const launched = features.filter((feature) => inUse(feature, daysAgo));
  const feature = storm ? launched.find(({ name }) => name === incident.feature) : pick(random, launched);
  if (!feature) return null;
  const model = pick(
    random,
    feature.models.filter((share) => inUse(share, daysAgo)),
  );
  const second = Math.floor(random() * 3_600_000);
  const moment = Temporal.ZonedDateTime.from({ timeZone, ...fields(day), hour }).add({ milliseconds: second });
  const failed = random() < (storm ? incident.errorShare : 0.008);
  const tokens = usage(random, feature, model, storm ? incident.promptGrowth : 1);
  const latency = Math.round(logNormal(random, 350 + Number(tokens.output_tokens) * 9, 0.35) * (storm ? 2.6 : 1));
  const environment = pick(random, environments).name;
  return {
    request_id: `demo-${day}-${storm ? "s" : ""}${index}`,
    timestamp: moment.toInstant().toString(),
    provider: model.provider,
    model: model.model,
    endpoint: model.endpoint,
    service_tier: model.tier ?? "standard",
    ...(failed
      ? { input_tokens: tokens.input_tokens, output_tokens: 0, status: "error", error_code: storm ? "rate_limit_exceeded" : "server_error" }
      : tokens),
    latency_ms: latency,
    ...(failed || feature.outputTokens === 0 ? {} : { time_to_first_token_ms: Math.min(latency, Math.round(logNormal(random, 380, 0.3))) }),
    feature: feature.name,
    team_id: feature.team,
    project_id: feature.project,
    environment,
    user_id: pick(random, people).id,
    metadata: { demo: true, release: `2.${Math.max(0, 12 - Math.floor(daysAgo / 14))}` },
  };
}

function fields(day: string): { year: number; month: number; day: number } {
  const { year, month, day: ofMonth } = Temporal.PlainDate.from(day);
  return { year, month, day: ofMonth };
}

/**
 * All events of one day (of the demo organization's zone) in order of time, decided by the date and by how many days ago it is: the same arguments
 * give the same events. Growth over the quarter, a weekly rhythm, office hours and one incident are in it.
 */
export function eventsOfDay(day: string, daysAgo: number): DemoEvent[] {
  const date = Temporal.PlainDate.from(day);
  const random = randomFrom(date.year * 10_000 + date.month * 100 + date.day);
  const growth = 1.25 - daysAgo * 0.006;
  const weekly = date.dayOfWeek >= 6 ? 0.38 : 1;
  const count = Math.round(requestsPerDay * growth * weekly * (0.92 + random() * 0.16));
  const events: DemoEvent[] = [];
  for (let index = 0; index < count; index++) {
    const made = event(random, day, index, pick(random, hourWeights).hour, daysAgo, false);
    if (made) events.push(made);
  }
  if (daysAgo === incident.daysAgo) {
    const storm = (requestsPerDay / 24) * (incident.toHour - incident.fromHour) * incident.factor * 0.35;
    for (let index = 0; index < storm; index++) {
      const hour = incident.fromHour + Math.floor(random() * (incident.toHour - incident.fromHour));
      const made = event(random, day, index, hour, daysAgo, true);
      if (made) events.push(made);
    }
  }
  return events.sort((a, b) => (a.timestamp < b.timestamp ? -1 : 1));
}

/**
 * Days of history, oldest first, ending today: `[date, daysAgo]` in the demo organization's zone. `anchor` is the day on which the demo was first
 * loaded: "days ago" counts from it (negative afterwards), so that loading again on a later day sends the very same events for the days before.
 */
export function daysOfHistory(today: Temporal.PlainDate, anchor: Temporal.PlainDate, days = 90): Array<[day: string, daysAgo: number]> {
  const first = anchor.subtract({ days: days - 1 });
  const count = first.until(today, { largestUnit: "days" }).days + 1;
  return Array.from({ length: count }, (_, index) => {
    const date = first.add({ days: index });
    return [date.toString(), date.until(anchor, { largestUnit: "days" }).days];
  });
}
