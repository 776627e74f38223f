import { providerOf } from "./endpoint.ts";
import { isJson, parseJson } from "./json.ts";
import { mergeMetadata } from "./metadata.ts";
import { type Fetch, type Metering, report } from "./metering.ts";
import { type Observer, observeBody, withBody } from "./observed-body.ts";

const RESULTS = /\/(?:files\/([^/]+)\/content|messages\/batches\/([^/]+)\/results)$/;
const DESCRIPTIONS = /\/batches(?:\/[^/]+)?(?:\/cancel)?$/;

/** Sends what concerns batches, and reads along: what a batch is for when it is described, what it came to when its results are read. */
export function batchFetch(
  inner: Fetch,
  metering: Metering,
  input: string | URL | Request,
  init?: RequestInit,
): Promise<Response> | undefined {
  const address = input instanceof Request ? input.url : String(input);
  if (!/\/batches|\/content/.test(address)) return undefined;
  const url = new URL(address);
  const isPost = init?.method?.toUpperCase() === "POST";
  const results = isPost ? null : RESULTS.exec(url.pathname);
  const source = results?.[1] ?? results?.[2];
  if (source !== undefined) return readResults(inner, metering, source, url, input, init);
  if (!DESCRIPTIONS.test(url.pathname)) return undefined;
  return readDescription(inner, metering, isPost && url.pathname.endsWith("/batches"), input, init);
}

async function readDescription(inner: Fetch, metering: Metering, isSubmission: boolean, input: string | URL | Request, init?: RequestInit) {
  const body = isSubmission && typeof init?.body === "string" ? parseJson(init.body) : undefined;
  const { tokentra, ...sent } = isJson(body) ? body : {};
  const metadata = isSubmission ? mergeMetadata(metering.metadata(), isJson(tokentra) ? tokentra : {}) : undefined;
  const response = await inner(input, tokentra === undefined ? init : { ...init, body: JSON.stringify(sent) });
  if (!response.ok || !response.body) return response;
  const decoder = new TextDecoder();
  let text = "";
  return observed(response, {
    onChunk(chunk) {
      text += decoder.decode(chunk, { stream: true });
      return chunk;
    },
    onEnd() {
      report(metering, () => void metering.batches.note(parseJson(text), metadata));
      return undefined;
    },
  });
}

async function readResults(inner: Fetch, metering: Metering, source: string, url: URL, input: string | URL | Request, init?: RequestInit) {
  const defaults = metering.metadata();
  const provider = metering.provider ?? providerOf(url);
  const response = await inner(input, init);
  if (!response.ok || !response.body) return response;
  const decoder = new TextDecoder();
  let pending = "";
  let isOther = false;
  const readLine = (line: string): void => {
    if (line.trim() === "" || isOther) return;
    const event = metering.batches.eventOf(line, source, provider, defaults);
    if (event) metering.record(event);
    // A file that does not begin with a line of results holds none.
    else isOther = true;
  };
  return observed(response, {
    onChunk(chunk) {
      if (isOther) return chunk;
      report(metering, () => {
        const lines = (pending + decoder.decode(chunk, { stream: true })).split("\n");
        pending = lines.pop() ?? "";
        for (const line of lines) readLine(line);
        return undefined;
      });
      return chunk;
    },
    onEnd(how) {
      if (how === "complete") report(metering, () => void readLine(pending));
      return undefined;
    },
  });
}

const observed = (response: Response, observer: Observer): Response =>
  response.body ? withBody(response, observeBody(response.body, observer)) : response;
