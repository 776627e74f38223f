// Broadcasting over HTTP: many messages as JSON, or one message of any kind with its topic and event in the path.
import { writePermissions } from "./authorization.ts";
import type { Realtime } from "./context.ts";
import { type Identity, identify, Refusal } from "./identity.ts";
import { MAX_PAYLOAD_BYTES } from "./limits.ts";
import { type BroadcastBody, isRecord, jsonBody, OutgoingBroadcast } from "./protocol.ts";

export type HttpAnswer = { status: number; body?: unknown };
export type HttpCall = { method: string; url: URL; headers: Record<string, string>; body: Uint8Array; token?: string; apikey?: string };

type Posted = { topic: string; event: string; isPrivate: boolean; body: BroadcastBody };

const BATCH = /\/api\/broadcast\/?$/;
const SINGLE = /\/api\/broadcast\/([^/]+)\/events\/([^/]+)\/?$/;

/** 202 when the messages were taken; a private one the caller may not send is dropped without a word, as on the hosted service. */
export async function answerHttp(realtime: Realtime, call: HttpCall): Promise<HttpAnswer> {
  const { pathname } = call.url;
  if (call.method !== "POST" || !(BATCH.test(pathname) || SINGLE.test(pathname))) return { status: 404, body: { message: "not found" } };
  if (call.body.byteLength > MAX_PAYLOAD_BYTES) return { status: 413, body: { message: "Payload size exceeds limit" } };
  try {
    const claims = await identify(realtime.checks, call.token, call.apikey ?? call.token ?? "");
    const posted = BATCH.test(pathname) ? readBatch(call) : [readSingle(call)];
    const identity = { claims, headers: call.headers };
    const allowed = new Map<string, boolean>();
    for (const message of posted) {
      if (message.isPrivate) {
        const known = allowed.get(message.topic) ?? (await mayBroadcast(realtime, identity, message.topic));
        allowed.set(message.topic, known);
        if (!known) continue;
      }
      const topic = `realtime:${message.topic}`;
      realtime.hub.broadcast(topic, message.isPrivate, new OutgoingBroadcast(topic, message.event, message.body));
    }
    return { status: 202 };
  } catch (error) {
    if (error instanceof Refusal) return { status: 401, body: { message: error.message } };
    if (error instanceof Unprocessable) return { status: error.status, body: { errors: error.message } };
    throw error;
  }
}

class Unprocessable extends Error {
  readonly status: number;
  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}

function readBatch({ body }: HttpCall): Posted[] {
  const value = parseJson(body);
  if (!isRecord(value) || !Array.isArray(value.messages)) throw new Unprocessable(422, "messages can't be blank");
  return value.messages.map((message: unknown) => {
    if (!isRecord(message) || typeof message.topic !== "string" || typeof message.event !== "string" || !isRecord(message.payload)) {
      throw new Unprocessable(422, "each message needs topic, event and payload");
    }
    return { topic: message.topic, event: message.event, isPrivate: message.private === true, body: jsonBody(message.payload) };
  });
}

function readSingle({ url, headers, body }: HttpCall): Posted {
  const [, topic = "", event = ""] = SINGLE.exec(url.pathname) ?? [];
  const type = headers["content-type"] ?? "";
  const isJson = /^application\/json\b/i.test(type);
  if (!isJson && !/^application\/octet-stream\b/i.test(type))
    throw new Unprocessable(415, "expected application/json or application/octet-stream");
  return {
    topic: decodeURIComponent(topic),
    event: decodeURIComponent(event),
    isPrivate: url.searchParams.get("private") === "true",
    body: isJson ? jsonBody(parseJson(body)) : { json: false, bytes: Buffer.from(body) },
  };
}

async function mayBroadcast(realtime: Realtime, identity: Identity, topic: string): Promise<boolean> {
  try {
    return (await writePermissions(realtime.sql, { identity, topic })).broadcast;
  } catch (error) {
    realtime.log("a policy on realtime.messages failed", error);
    return false;
  }
}

function parseJson(body: Uint8Array): unknown {
  try {
    return JSON.parse(Buffer.from(body).toString("utf8"));
  } catch {
    throw new Unprocessable(400, "the body is not JSON");
  }
}
