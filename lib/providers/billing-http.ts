import { Decimal } from "decimal.js";
import { z } from "zod";
import { type BillingContext, BillingError } from "./billing.ts";

const attempts = 3;
const patienceMs = 5_000;
const timeoutMs = 30_000;
const maxBytes = 32_000_000;
const maxPages = 500;

export type BillingRequest = { who: string; url: string; method?: "GET" | "POST"; headers?: Record<string, string>; body?: string };

/** Text of a JSON number, so that no digit is lost to a double; whole numbers that fit stay numbers. */
function keepDigits(_key: string, value: unknown, context?: { source?: string }): unknown {
  if (typeof value !== "number") return value;
  return Number.isSafeInteger(value) ? value : (context?.source ?? String(value));
}

/** JSON whose fractions are decimal text. */
function parseExactJson(text: string): unknown {
  return JSON.parse(text, keepDigits as (key: string, value: unknown) => unknown);
}

/** A decimal as a JSON number or text → plain decimal text, every digit kept. */
export const ExactDecimal = z
  .union([z.string(), z.number()])
  .refine((value) => /^-?(\d+\.?\d*|\.\d+)([eE][+-]?\d{1,3})?$/.test(String(value)), "is no decimal")
  .transform((value) => new Decimal(value).toFixed());

/** A count; absent or null counts nothing. */
export const Count = z
  .number()
  .int()
  .min(0)
  .nullish()
  .transform((value) => value ?? 0);

export const text = z
  .string()
  .nullish()
  .transform((value) => value ?? "");

/**
 * Sends a request and reads its answer by `schema`. 429 and 5xx are tried again while the wait is short; a longer Retry-After is handed on.
 * Redirects are not followed, so that a credential goes nowhere else.
 * @throws BillingError for everything that can go wrong out there
 */
export async function readBilling<T>(context: BillingContext, request: BillingRequest, schema: z.ZodType<T>): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return readAnswer(request.who, await send(context, request), schema);
    } catch (error) {
      const known = error instanceof BillingError ? error : null;
      const isPassing = known?.code === "rate_limited" || known?.code === "unavailable";
      const waitMs = (known?.retryAfterSeconds ?? attempt) * 1000;
      if (!isPassing || attempt >= attempts || waitMs > patienceMs) throw error;
      await context.wait(waitMs);
    }
  }
}

async function send({ fetch, now }: BillingContext, { who, url, method = "GET", headers, body }: BillingRequest): Promise<string> {
  let response: Response;
  let answer: string;
  try {
    const signal = AbortSignal.timeout(timeoutMs);
    response = await fetch(url, {
      method,
      headers: { accept: "application/json", ...headers },
      body: body ?? null,
      redirect: "manual",
      signal,
    });
    answer = await readText(who, response);
  } catch (error) {
    if (error instanceof BillingError) throw error;
    throw new BillingError("unavailable", `${who} could not be reached.`);
  }
  if (response.ok) return answer;
  throw refusal(who, response.status, retryAfter(response.headers.get("retry-after"), now()), reasonIn(answer));
}

async function readText(who: string, response: Response): Promise<string> {
  const reader = response.body?.getReader();
  if (!reader) return "";
  const decoder = new TextDecoder();
  let content = "";
  let size = 0;
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return content + decoder.decode();
    size += value.byteLength;
    if (size > maxBytes) {
      await reader.cancel();
      throw new BillingError("too_large", `${who} answered with more than 32 MB.`);
    }
    content += decoder.decode(value, { stream: true });
  }
}

function refusal(who: string, status: number, retryAfterSeconds: number | null, reason: string): BillingError {
  if (status === 401) return new BillingError("credential", `${who} refuses the credential: it is wrong, expired or revoked.${reason}`);
  if (status === 403) return new BillingError("permission", `${who} says that the credential may not read billing.${reason}`);
  if (status === 429) return new BillingError("rate_limited", `${who} asks for fewer requests.`, retryAfterSeconds);
  if (status >= 500) return new BillingError("unavailable", `${who} answered ${status}.`, retryAfterSeconds);
  if (status >= 300 && status < 400) return new BillingError("malformed", `${who} answered with a redirect, which is not followed.`);
  return new BillingError("settings", `${who} did not accept the request (${status}).${reason}`);
}

/** What the provider says about its refusal, when it says it in one of the usual shapes. Keys may be quoted in it: they are cut out. */
function reasonIn(answer: string): string {
  try {
    const { error, message, Message, error_description } = z
      .object({
        error: z.union([z.string(), z.object({ message: z.string().optional() })]).optional(),
        error_description: z.string().optional(),
        message: z.string().optional(),
        Message: z.string().optional(),
      })
      .parse(JSON.parse(answer));
    const said = error_description ?? (typeof error === "object" ? error.message : (message ?? Message ?? error)) ?? "";
    const safe = said.replace(/\s+/g, " ").replace(/[\w*+/=-]{16,}/g, "…");
    return safe ? ` It says: ${safe.slice(0, 200)}` : "";
  } catch {
    return "";
  }
}

/** Seconds of a Retry-After, given as seconds or as a date; null when there is none. */
export function retryAfter(header: string | null, now: number): number | null {
  if (header === null) return null;
  if (/^\d{1,7}$/.test(header.trim())) return Number(header);
  const at = Date.parse(header);
  return Number.isNaN(at) ? null : Math.max(0, Math.ceil((at - now) / 1000));
}

function readAnswer<T>(who: string, answer: string, schema: z.ZodType<T>): T {
  let content: unknown;
  try {
    content = parseExactJson(answer);
  } catch {
    throw new BillingError("malformed", `${who} answered with something that is no JSON.`);
  }
  const reading = schema.safeParse(content);
  if (reading.success) return reading.data;
  const [issue] = reading.error.issues;
  throw new BillingError(
    "malformed",
    `The answer of ${who} has another shape than expected, at ${issue?.path.join(".") || "its top"}: ${issue?.message}.`,
  );
}

/**
 * Walks pages until there are no more. A cursor that comes back ends in an error instead of a circle.
 * @param fetchPage the page at a cursor (null = the first) → the next cursor, null at the end
 */
export async function walkPages(who: string, fetchPage: (cursor: string | null) => Promise<string | null>): Promise<void> {
  const seen = new Set<string>();
  let cursor: string | null = null;
  do {
    cursor = await fetchPage(cursor);
    if (cursor === null) return;
    if (seen.has(cursor)) throw new BillingError("malformed", `${who} sends the same page again and again.`);
    seen.add(cursor);
  } while (seen.size < maxPages);
  throw new BillingError("too_large", `${who} has more than ${maxPages} pages for a week.`);
}

/** The cursor after a page that names it beside `has_more`. */
export function nextCursor(who: string, page: { has_more: boolean; next_page?: string | null | undefined }): string | null {
  if (!page.has_more) return null;
  if (!page.next_page) throw new BillingError("malformed", `${who} says that there is more, but not where.`);
  return page.next_page;
}

/** UTC date → seconds since 1970. */
export const dayToSeconds = (day: string): number => Date.parse(`${day}T00:00:00Z`) / 1000;

/** Milliseconds since 1970 → UTC date. */
export const toDay = (milliseconds: number): string => new Date(milliseconds).toISOString().slice(0, 10);
