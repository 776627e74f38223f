import { ATTEMPT, type Attempt, meteredFetch } from "./metered-fetch.ts";
import type { Fetch, Metering } from "./metering.ts";

/** `GoogleGenAI` of `@google/genai`. */
export type GenAIClient = { readonly vertexai: boolean; readonly models: object };

type ApiCall = (
  url: string,
  init: RequestInit,
  retry: unknown,
  timeout: unknown,
  signal: AbortSignal | undefined,
  fetch?: Fetch,
) => Promise<Response>;
type StreamReader = (response: Response) => AsyncGenerator<unknown>;
type ApiClient = { apiCall: ApiCall; processStreamResponse?: StreamReader };
type Internals = { apiClient: ApiClient; live: unknown };
type Settings = Record<"vertexai" | "apiKey" | "project" | "location" | "apiVersion", unknown> & { httpOptions?: object };

export const isGenAI = (client: object): client is GenAIClient => "vertexai" in client && "models" in client && "apiClient" in client;

/**
 * A second client of the same class with the very settings and credentials of the first, whose calls go through a metered fetch. The
 * fetch is put into the one function all calls pass, once per logical call; the public option `httpOptions.fetch` would lift the
 * client's own protection of long calls against time-outs.
 */
export function wrapGenAI(client: GenAIClient, metering: Metering): object {
  const original = client as GenAIClient & Internals & Settings;
  const { vertexai, apiKey, project, location, apiVersion, httpOptions } = original;
  if (original.apiClient.apiCall?.length < 6) throw new TypeError("this version of @google/genai cannot be metered: use 2.30 or newer");
  const settings = { vertexai, apiKey, project, location, apiVersion, httpOptions: { ...httpOptions } };
  const copy: GenAIClient & Internals = Reflect.construct(client.constructor as new (of: object) => GenAIClient & Internals, [settings]);
  const { apiClient } = copy;
  Object.assign(apiClient, original.apiClient);
  copy.live = original.live;
  const call = apiClient.apiCall;
  apiClient.apiCall = (url, init, retry, timeout, signal, inner) => {
    const attempt: Attempt = { operationId: crypto.randomUUID(), signal };
    const base: Fetch = inner ?? ((input, sent) => fetch(input, sent));
    return call.call(apiClient, url, Object.assign(init, { [ATTEMPT]: attempt }), retry, timeout, signal, meteredFetch(base, metering));
  };
  const readStream = apiClient.processStreamResponse;
  if (readStream) apiClient.processStreamResponse = (response) => closing(readStream.call(apiClient, response), response);
  return copy;
}

/** The client lets go of a stream that its caller left, without a word to the body: nobody would learn that it was left. */
async function* closing(chunks: AsyncGenerator<unknown>, response: Response): AsyncGenerator<unknown> {
  try {
    yield* chunks;
  } finally {
    await response.body?.cancel().catch(() => {});
  }
}
