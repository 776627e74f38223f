import { type Observer, observeBody, withBody } from "./observed-body.ts";

/** Sees a reply that is read whole; exactly one of the two is called. */
type ValueObserver = {
  /** It was read: its JSON, or its text. */
  onValue: (value: unknown, kind: "json" | "text") => void;
  /** Its reading failed, or what was read is no JSON. */
  onFailure: (error: unknown) => void;
};

/** A reply that is watched, and what is known of its reading. */
class Watch {
  readonly #response: Response;
  readonly #native: Response;
  readonly #inPieces: () => Observer;
  readonly #asked: ValueObserver | undefined;
  #stream: ReadableStream<Uint8Array> | undefined;
  #copy: Response | undefined;
  #isTouched = false;

  constructor(response: Response, native: Response, inPieces: () => Observer, asked: ValueObserver | undefined) {
    this.#response = response;
    this.#native = native;
    this.#inPieces = inPieces;
    this.#asked = asked;
  }

  /** The body, seen piece by piece as it is read. */
  get stream(): ReadableStream<Uint8Array> | null {
    const body = this.#own("body");
    if (this.#stream || !body) return this.#stream ?? null;
    const observer = this.#inPieces();
    const onChunk: Observer["onChunk"] = (chunk) => {
      this.#isTouched = true;
      return observer.onChunk(chunk);
    };
    this.#stream = observeBody(body, { ...observer, onChunk });
    return this.#stream;
  }

  /** A reply of that body, for every way of reading that is not asked for often. */
  get whole(): Response {
    const { stream } = this;
    if (stream) this.#copy ??= withBody(this.#response, stream);
    return this.#copy ?? this.#response;
  }

  get isRead(): boolean {
    if (this.#copy) return this.#copy.bodyUsed;
    return this.#stream ? this.#isTouched || this.#stream.locked : this.#own("bodyUsed");
  }

  async ask(kind: "json" | "text"): Promise<unknown> {
    if (this.#stream || !this.#asked || this.isRead) return this.whole[kind]();
    let value: unknown;
    try {
      value = await this.#native[kind].call(this.#response);
    } catch (error) {
      this.#asked.onFailure(error);
      throw error;
    }
    this.#asked.onValue(value, kind);
    return value;
  }

  #own<Name extends "body" | "bodyUsed">(name: Name): Response[Name] {
    return Reflect.get(this.#native, name, this.#response) as Response[Name];
  }
}

const watches = new WeakMap<object, Watch>();
const watchedKinds = new WeakMap<object, object>();

/**
 * The same reply, watched, whichever way it is read. What clients do most, asking for its JSON or its text, is read once for both of us
 * (`asked`); everything else goes through a body that is watched piece by piece (`inPieces`), which costs several times as much.
 */
export function observeReply(response: Response, inPieces: () => Observer, asked: ValueObserver | undefined): Response {
  const native = Object.getPrototypeOf(response) as Response;
  watches.set(response, new Watch(response, native, inPieces, asked));
  let kind = watchedKinds.get(native);
  if (!kind) {
    kind = watchedKind(native);
    watchedKinds.set(native, kind);
  }
  return Object.setPrototypeOf(response, kind) as Response;
}

/** The prototype of watched replies over that of the runtime's own, made once: properties of each reply would cost every call. */
function watchedKind(native: Response): object {
  const ofWatch = (read: (watch: Watch) => unknown) =>
    function (this: object) {
      return read(watches.get(this)!);
    };
  const own: PropertyDescriptorMap = {
    body: { get: ofWatch((watch) => watch.stream) },
    bodyUsed: { get: ofWatch((watch) => watch.isRead) },
    json: { value: ofWatch((watch) => watch.ask("json")) },
    text: { value: ofWatch((watch) => watch.ask("text")) },
    clone: { value: ofWatch((watch) => watch.whole.clone()) },
  };
  for (const name of ["arrayBuffer", "bytes", "blob", "formData"] as const) {
    if (name in native) own[name] = { value: ofWatch(async (watch) => watch.whole[name]()) };
  }
  return Object.create(native, own) as object;
}
