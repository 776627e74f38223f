import { type Observer, observeBody, withBody } from "./observed-body.ts";

/** Sees a reply that is read whole; exactly one of the two is called. */
type ValueObserver = {
  /** It was read: its JSON, or its text. */
  onValue: (value: unknown, kind: "json" | "text") => void;
  /** Its reading failed, or what was read is no JSON. */
  onFailure: (error: unknown) => void;
};

/**
 * The same reply, watched, whichever way it is read. What clients do most, asking for its JSON or its text, is read once for both of us
 * (`asked`); everything else goes through a body that is watched piece by piece (`inPieces`), which costs several times as much.
 */
export function observeReply(response: Response, inPieces: () => Observer, asked: ValueObserver | undefined): Response {
  const { body } = response;
  if (!body) return response;
  const bodyUsed = Object.getOwnPropertyDescriptor(Response.prototype, "bodyUsed")?.get;
  let watched: ReadableStream<Uint8Array> | undefined;
  let copy: Response | undefined;
  let isTouched = false;

  const stream = (): ReadableStream<Uint8Array> => {
    if (watched) return watched;
    const observer = inPieces();
    const onChunk: Observer["onChunk"] = (chunk) => {
      isTouched = true;
      return observer.onChunk(chunk);
    };
    watched = observeBody(body, { ...observer, onChunk });
    return watched;
  };
  const whole = (): Response => {
    copy ??= withBody(response, stream());
    return copy;
  };
  const isRead = (): boolean => (copy ? copy.bodyUsed : watched ? isTouched || watched.locked : bodyUsed?.call(response) === true);

  const ask = async (kind: "json" | "text", native: () => Promise<unknown>): Promise<unknown> => {
    if (watched || !asked || isRead()) return whole()[kind]();
    let value: unknown;
    try {
      value = await native.call(response);
    } catch (error) {
      asked.onFailure(error);
      throw error;
    }
    asked.onValue(value, kind);
    return value;
  };

  const { json, text } = response;
  const own: PropertyDescriptorMap = {
    body: { get: stream },
    bodyUsed: { get: isRead },
    json: { value: () => ask("json", json) },
    text: { value: () => ask("text", text) },
    clone: { value: () => whole().clone() },
  };
  for (const name of ["arrayBuffer", "bytes", "blob", "formData"] as const) {
    if (typeof response[name] === "function") own[name] = { value: async () => whole()[name]() };
  }
  for (const descriptor of Object.values(own)) descriptor.configurable = true;
  return Object.defineProperties(response, own);
}
