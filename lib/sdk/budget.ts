// Asks, before a call, whether its budget allows it. The answer is kept for a moment, so that a loop of calls asks once.
import { countIn, isJson, type Json, objectIn, parseJson, textIn } from "./json.ts";
import { type CallMetadata, wireMetadata } from "./metadata.ts";

/** What is about to be spent: what for, and on which model. */
export type BudgetQuestion = CallMetadata & { provider?: string; model?: string };

export type BudgetAnswer = {
  /** Whether to go ahead. */
  isAllowed: boolean;
  /** False when nobody could say: the endpoint does not exist, or could not be reached. `isAllowed` is then what `whenUnknown` says. */
  isKnown: boolean;
  /** As the server put it: `allow`, `warn` or `block`. */
  decision?: string;
  reason?: string;
  retryAfterSeconds?: number;
  /** The budget that limits, as the server describes it. */
  budget?: Record<string, unknown>;
};

export type BudgetOptions = {
  /** What to do when the server cannot be asked: go ahead (`"open"`, the default) or not (`"closed"`). */
  whenUnknown?: "open" | "closed";
  /** How long an answer holds, in milliseconds. Default 2,000, at most 5,000; 0 asks every time. */
  cacheMs?: number;
  /** How long to wait for an answer, in milliseconds. Default 1,000. */
  timeoutMs?: number;
};

export type BudgetDoor = { url: string; apiKey: string; fetch: typeof fetch; onError: (error: unknown) => void };

const LONGEST_CACHE_MS = 5_000;
const MOST_ANSWERS = 1_000;

/** Answers of one server to one key, each for a moment. */
export class BudgetChecks {
  readonly #door: BudgetDoor;
  readonly #answers = new Map<string, { answer: Promise<BudgetAnswer | undefined>; until: number }>();

  constructor(door: BudgetDoor) {
    this.#door = door;
  }

  /** Never rejects. */
  async check(question: BudgetQuestion, options: BudgetOptions): Promise<BudgetAnswer> {
    const { whenUnknown = "open", cacheMs = 2_000, timeoutMs = 1_000 } = options;
    const { tags, metadata: _free, operation_id: _operation, trace_id: _trace, session_id: _session, ...who } = wireMetadata(question);
    const body = JSON.stringify({ ...who, tags, provider: question.provider, model: question.model });
    const answer = await this.#ask(body, Math.min(cacheMs, LONGEST_CACHE_MS), timeoutMs);
    return answer ?? { isAllowed: whenUnknown === "open", isKnown: false };
  }

  #ask(body: string, cacheMs: number, timeoutMs: number): Promise<BudgetAnswer | undefined> {
    const held = this.#answers.get(body);
    if (held && held.until > Date.now()) return held.answer;
    const answer = this.#post(body, timeoutMs);
    if (cacheMs <= 0) return answer;
    this.#answers.delete(body);
    this.#answers.set(body, { answer, until: Date.now() + cacheMs });
    const [oldest] = this.#answers.keys();
    if (this.#answers.size > MOST_ANSWERS && oldest !== undefined) this.#answers.delete(oldest);
    return answer;
  }

  /** Undefined when there is no answer; that there is no such endpoint is one. */
  async #post(body: string, timeoutMs: number): Promise<BudgetAnswer | undefined> {
    const { url, apiKey, fetch: send, onError } = this.#door;
    try {
      const response = await send(url, {
        method: "POST",
        headers: { authorization: `Bearer ${apiKey}`, "content-type": "application/json" },
        body,
        signal: AbortSignal.timeout(timeoutMs),
      });
      const answer = parseJson(await response.text());
      if (response.status === 404) return { isAllowed: true, isKnown: false };
      if (response.ok && isJson(answer)) return readAnswer(answer);
      if (response.status === 402) return readRefusal(answer, response.headers.get("retry-after"));
      onError(new Error(`the budget check was answered ${response.status}`));
    } catch (error) {
      onError(error);
    }
    return undefined;
  }
}

function readAnswer(answer: Json): BudgetAnswer | undefined {
  const decision = textIn(answer, "decision");
  const isAllowed = typeof answer.allowed === "boolean" ? answer.allowed : decision === undefined ? undefined : decision !== "block";
  if (isAllowed === undefined) return undefined;
  return {
    isAllowed,
    isKnown: true,
    ...withoutUndefined({
      decision,
      reason: textIn(answer, "reason"),
      retryAfterSeconds: countIn(answer, "retry_after_seconds"),
      budget: objectIn(answer, "budget"),
    }),
  };
}

function readRefusal(answer: unknown, retryAfter: string | null): BudgetAnswer {
  const reason = textIn(objectIn(answer, "error"), "message");
  const seconds = retryAfter === null ? Number.NaN : Number(retryAfter);
  return {
    isAllowed: false,
    isKnown: true,
    decision: "block",
    ...withoutUndefined({ reason, retryAfterSeconds: Number.isFinite(seconds) ? seconds : undefined }),
  };
}

const withoutUndefined = <Fields extends object>(fields: Fields) =>
  Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as {
    [Name in keyof Fields]?: NonNullable<Fields[Name]>;
  };
