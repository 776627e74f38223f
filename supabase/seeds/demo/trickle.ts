import { Temporal } from "temporal-polyfill";
import { TokenTRA } from "../../../lib/sdk/client.ts";
import { timeZone } from "./cast.ts";
import { currentCall } from "./day.ts";

type Tracked = Parameters<TokenTRA["track"]>[0];

/** One believable call that has just ended, in the SDK's words. */
function call(): Tracked | null {
  const now = Temporal.Now.zonedDateTimeISO(timeZone);
  const made = currentCall(Math.random, now.toPlainDate().toString(), now.hour);
  if (!made) return null;
  const number = (name: string) => made[name] as number | undefined;
  const word = (name: string) => made[name] as string;
  return {
    provider: word("provider"),
    model: word("model"),
    endpoint: word("endpoint"),
    serviceTier: word("service_tier"),
    inputTokens: number("input_tokens"),
    cachedInputTokens: number("cached_input_tokens"),
    cacheWrite5mTokens: number("cache_write_5m_tokens"),
    inputAudioTokens: number("input_audio_tokens"),
    outputTokens: number("output_tokens"),
    reasoningTokens: number("reasoning_tokens"),
    status: word("status") === "error" ? "error" : "success",
    errorCode: made.error_code as string | undefined,
    latencyMs: number("latency_ms"),
    timeToFirstTokenMs: number("time_to_first_token_ms"),
    feature: word("feature"),
    teamId: word("team_id"),
    projectId: word("project_id"),
    environment: word("environment"),
    userId: word("user_id"),
    metadata: { demo: true, live: true },
  };
}

/**
 * Lets the demo organization live: a call every few seconds, sent with the SDK like any application's. Returns what stops it.
 */
export function startTrickle(baseUrl: string, apiKey: string): () => Promise<void> {
  const tokentra = new TokenTRA({ apiKey, baseUrl });
  let timer: NodeJS.Timeout;
  const next = () => {
    timer = setTimeout(
      () => {
        const made = call();
        if (made) tokentra.track(made);
        next();
      },
      1_500 + Math.random() * 9_000,
    );
  };
  next();
  return async () => {
    clearTimeout(timer);
    await tokentra.shutdown(2_000);
  };
}
