// Phoenix channel frames as realtime-js speaks them. vsn 1.0.0 is a JSON object per frame; 2.0.0 is a JSON array, except that
// broadcasts travel as binary: kind 3 from a client, kind 4 to a client.

export type Version = "1.0.0" | "2.0.0";

/** Bytes of a broadcast, untouched between sender and receiver; `json` says how to read them. */
export type BroadcastBody = { json: boolean; bytes: Buffer };

export type Frame = {
  joinRef: string | null;
  ref: string | null;
  topic: string;
  event: string;
  payload: Record<string, unknown>;
  /** Set when the frame came as a binary broadcast; payload then holds only the event's name. */
  body?: BroadcastBody;
};

const PUSH = 3;
const BROADCAST = 4;
const LONGEST_FIELD = 255;

/** Reads one websocket message. Throws on anything that is no frame. */
export function decodeFrame(data: Buffer, isBinary: boolean): Frame {
  if (isBinary) return decodePush(data);
  const message: unknown = JSON.parse(data.toString("utf8"));
  const [joinRef, ref, topic, event, payload] = Array.isArray(message) ? message : fieldsOf(message);
  if (typeof topic !== "string" || typeof event !== "string") throw new Error("a frame needs a topic and an event");
  return { joinRef: refOf(joinRef), ref: refOf(ref), topic, event, payload: isRecord(payload) ? payload : {} };
}

function decodePush(data: Buffer): Frame {
  const [kind, joinRefLength, refLength, topicLength, eventLength, metaLength, encoding] = data;
  if (kind !== PUSH || data.length < 7) throw new Error("unknown binary frame");
  let offset = 7;
  const take = (length = 0) => {
    const start = offset;
    offset += length;
    return data.toString("utf8", start, offset);
  };
  const [joinRef, ref, topic, event] = [take(joinRefLength), take(refLength), take(topicLength), take(eventLength)];
  take(metaLength);
  if (offset > data.length) throw new Error("truncated binary frame");
  const body = { json: encoding === 1, bytes: data.subarray(offset) };
  return { joinRef, ref, topic, event: "broadcast", payload: { event }, body };
}

/** A text frame in the version of its receiver. */
export function encodeFrame(version: Version, frame: Omit<Frame, "payload" | "body"> & { payload: unknown }): string {
  const { joinRef, ref, topic, event, payload } = frame;
  return JSON.stringify(version === "2.0.0" ? [joinRef, ref, topic, event, payload] : { topic, event, payload, ref, join_ref: joinRef });
}

/** One broadcast for many receivers: encoded at most once per version. */
export class OutgoingBroadcast {
  readonly id: string | undefined;
  readonly #topic: string;
  readonly #event: string;
  readonly #body: BroadcastBody;
  readonly #meta: Record<string, unknown> | undefined;
  readonly #frames = new Map<Version, string | Buffer>();

  constructor(topic: string, event: string, body: BroadcastBody, meta?: { id: string; replayed?: true }) {
    this.id = meta?.id;
    this.#topic = topic;
    this.#event = event;
    this.#body = body;
    this.#meta = meta;
  }

  frame(version: Version): string | Buffer {
    const known = this.#frames.get(version);
    if (known) return known;
    const made = (version === "2.0.0" ? this.#binary() : undefined) ?? this.#text(version);
    this.#frames.set(version, made);
    return made;
  }

  #binary(): Buffer | undefined {
    const fields = [this.#topic, this.#event, this.#meta ? JSON.stringify(this.#meta) : ""].map((text) => Buffer.from(text));
    if (fields.some((field) => field.length > LONGEST_FIELD)) return undefined;
    const header = Buffer.from([BROADCAST, ...fields.map((field) => field.length), this.#body.json ? 1 : 0]);
    return Buffer.concat([header, ...fields, this.#body.bytes]);
  }

  #text(version: Version): string {
    const payload: unknown = this.#body.json ? JSON.parse(this.#body.bytes.toString("utf8")) : this.#body.bytes.toString("base64");
    const message = { type: "broadcast", event: this.#event, payload, ...(this.#meta && { meta: this.#meta }) };
    return encodeFrame(version, { joinRef: null, ref: null, topic: this.#topic, event: "broadcast", payload: message });
  }
}

export const jsonBody = (value: unknown): BroadcastBody => ({ json: true, bytes: Buffer.from(JSON.stringify(value ?? {})) });

export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function fieldsOf(message: unknown): unknown[] {
  if (!isRecord(message)) throw new Error("a frame is an object or an array");
  return [message.join_ref, message.ref, message.topic, message.event, message.payload];
}

const refOf = (value: unknown): string | null => (typeof value === "string" ? value : null);
