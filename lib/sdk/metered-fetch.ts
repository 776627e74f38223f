// Metering sits at the one place every call of a client passes: its fetch. So retries, helpers, raw responses and streams keep
// working as the client made them, and each attempt is seen as the vendor charges it.
import { batchFetch } from "./batch-fetch.ts";
import { Call } from "./call.ts";
import { findEndpoint, modelIn, providerOf, regionIn } from "./endpoint.ts";
import { EventSplitter } from "./event-stream.ts";
import { parseJson } from "./json.ts";
import { type Fetch, type Metering, report } from "./metering.ts";
import type { Observer } from "./observed-body.ts";
import { observeReply } from "./observed-reply.ts";
import { type PreparedRequest, prepareForm, prepareRequest } from "./request-body.ts";

/** What the client's hook tells about an attempt: which logical call it belongs to, and the caller's own signal. */
export type Attempt = { operationId: string; signal: AbortSignal | undefined };
export const ATTEMPT = Symbol("tokentra.attempt");

const MOST_BACKGROUND_CALLS = 1_000;
/** A reply larger than this is passed on but not read for usage, in bytes. */
const LARGEST_READ_BODY = 64_000_000;

export function meteredFetch(inner: Fetch, metering: Metering): Fetch {
  return async (input, init) => {
    const prepared = prepare(metering, input, init);
    if (!prepared) return unmetered(inner, metering, input, init);
    const { request, call } = prepared;
    const attempt = attemptOf(init);
    let response: Response;
    try {
      response = await inner(input, { ...init, body: request.body });
    } catch (error) {
      const isAborted = init?.signal?.aborted === true;
      const reason = !isAborted ? "connection_error" : attempt && !attempt.signal?.aborted ? "timeout" : "aborted";
      report(metering, () => call.unanswered(reason));
      throw error;
    }
    return watch(metering, call, request.hidesUsage, response, init?.signal);
  };
}

/** Calls that are none of a model, but may bring what one was asked for before: results of batches, and of the background. */
async function unmetered(inner: Fetch, metering: Metering, input: string | URL | Request, init?: RequestInit): Promise<Response> {
  const forBatch = batchFetch(inner, metering, input, init);
  if (forBatch) return forBatch;
  const call = backgroundCall(metering, input);
  const response = await inner(input, init);
  return call && response.ok ? watch(metering, call, false, response, init?.signal) : response;
}

/** Undefined for everything that is not metered, and whenever we fail ourselves: then the call goes out as it is. */
function prepare(
  metering: Metering,
  input: string | URL | Request,
  init: RequestInit | undefined,
): { request: PreparedRequest; call: Call } | undefined {
  try {
    const body = init?.body;
    const isForm = body instanceof FormData;
    if (!isForm && typeof body !== "string") return undefined;
    const url = new URL(input instanceof Request ? input.url : input);
    const endpoint = findEndpoint(init?.method?.toUpperCase() ?? "GET", url);
    if (!endpoint) return undefined;
    const provider = metering.provider ?? providerOf(url);
    // Mistral tells usage with every stream, and takes no stream options.
    const request = isForm ? prepareForm(body) : prepareRequest(body, endpoint.mustAskForUsage === true && provider !== "mistral");
    if (!request) return undefined;
    request.model ??= modelIn(url);
    request.isStream ||= endpoint.isStream === true;
    const operationId = attemptOf(init)?.operationId;
    return { request, call: new Call({ provider, endpoint, request, metadata: metering.metadata(), operationId, region: regionIn(url) }) };
  } catch (error) {
    metering.onError(error);
    return undefined;
  }
}

/** The call that a response being fetched belongs to, if it was started in the background here. */
function backgroundCall({ background }: Metering, input: string | URL | Request): Call | undefined {
  if (background.size === 0) return undefined;
  const address = input instanceof Request ? input.url : String(input);
  const call = background.get(/\/responses\/([^/?]+)(?:\?.*)?$/.exec(address)?.[1] ?? "");
  call?.readAgain();
  return call;
}

function watch(metering: Metering, call: Call, hidesUsage: boolean, response: Response, signal: AbortSignal | null | undefined): Response {
  const type = response.headers.get("content-type") ?? "";
  const isStream = response.ok && type.includes("text/event-stream");
  if (!response.body || typeof response.body.getReader !== "function") {
    report(metering, () => (response.ok ? call.answered("failed") : call.refused(response.status, undefined)));
    return response;
  }
  // A body that its caller's signal cut off fails to be read, but it is the caller who ended it.
  const ended = (how: End): End => (how === "failed" && signal?.aborted ? "cancelled" : how);
  if (isStream) return observeReply(response, () => endingAs(ended, streamObserver(metering, call, hidesUsage)), undefined);
  const { ok, status } = response;
  const settle = (body: unknown, how: End): void => settleBody(metering, call, { ok, status }, body, ended(how));
  return observeReply(response, () => bodyObserver(type, ok, settle), {
    onValue: (value, kind) => settle(kind === "json" ? value : parseJson(String(value)), "complete"),
    onFailure: (error) => settle(undefined, error instanceof SyntaxError ? "complete" : "failed"),
  });
}

type End = "complete" | "cancelled" | "failed";

const endingAs = (ended: (how: End) => End, observer: Observer): Observer => ({ ...observer, onEnd: (how) => observer.onEnd(ended(how)) });

function streamObserver(metering: Metering, call: Call, hidesUsage: boolean): Observer {
  const splitter = new EventSplitter();
  const encoder = new TextEncoder();
  const encoded = (text: string) => (text === "" ? undefined : encoder.encode(text));
  /** The event as the caller would have got it without our asking for usage. */
  const read = ({ text, data }: { text: string; data: unknown }): string => {
    const { hasOutput, isUsageOnly } = call.reader.readEvent(data);
    if (hasOutput) call.noteOutput();
    if (!hidesUsage) return text;
    if (isUsageOnly) return "";
    return text.includes('"usage"') ? text.replace(/,\s*"usage":\s*null/, "") : text;
  };
  return {
    onChunk(chunk) {
      const passed = splitter.push(chunk).map(read).join("");
      return hidesUsage ? encoded(passed) : chunk;
    },
    onEnd(how) {
      const last = how === "complete" ? splitter.end() : undefined;
      const passed = last ? read(last) : "";
      report(metering, () => call.answered(how));
      return hidesUsage ? encoded(passed) : undefined;
    },
  };
}

function bodyObserver(type: string, ok: boolean, settle: (body: unknown, how: End) => void): Observer {
  const decoder = new TextDecoder();
  // Sound and pictures tell nothing, and are not kept to be read.
  const isText = !ok || !/^(audio|image|video)\/|octet-stream/.test(type);
  let text = "";
  let bytes = 0;
  return {
    onChunk(chunk) {
      bytes += chunk.length;
      if (isText) text = bytes > LARGEST_READ_BODY ? "" : text + decoder.decode(chunk, { stream: true });
      return chunk;
    },
    onEnd(how) {
      settle(parseJson(text + decoder.decode()), how);
      return undefined;
    },
  };
}

function settleBody(metering: Metering, call: Call, { ok, status }: { ok: boolean; status: number }, body: unknown, how: End): void {
  report(metering, () => {
    if (!ok) return call.refused(status, Array.isArray(body) ? body[0] : body);
    if (body !== undefined) call.reader.readBody(body);
    return isPending(metering, call) ? undefined : call.answered(how);
  });
}

/** Keeps a call whose response is still being made; forgets it when it is told. */
function isPending({ background }: Metering, call: Call): boolean {
  const { pendingId } = call.reader.reading();
  if (pendingId === undefined) {
    for (const [id, waiting] of background) if (waiting === call) background.delete(id);
    return false;
  }
  background.set(pendingId, call);
  const [oldest] = background.keys();
  if (background.size > MOST_BACKGROUND_CALLS && oldest !== undefined) background.delete(oldest);
  return true;
}

const attemptOf = (init: RequestInit | undefined): Attempt | undefined => (init as { [ATTEMPT]?: Attempt } | undefined)?.[ATTEMPT];
