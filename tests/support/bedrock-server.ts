// A local stand-in for Bedrock: HTTP/2 without TLS, as its client speaks by default, and streams of framed messages.
import { constants, createServer, type Http2ServerResponse, type ServerHttp2Session } from "node:http2";
import type { AddressInfo } from "node:net";
import { crc32 } from "node:zlib";
import { type Answer, type Asked, fixture } from "./vendor-server.ts";

/** A message of `application/vnd.amazon.eventstream`: lengths, checksum, headers, payload, checksum. */
function frame(headers: Record<string, string>, payload: Buffer): Buffer {
  const encoded = Object.entries(headers).map(([name, value]) => {
    const length = Buffer.alloc(2);
    length.writeUInt16BE(Buffer.byteLength(value));
    // 7 is the type of a text.
    return Buffer.concat([Buffer.from([name.length]), Buffer.from(name), Buffer.from([7]), length, Buffer.from(value)]);
  });
  const head = Buffer.concat(encoded);
  const prelude = Buffer.alloc(12);
  prelude.writeUInt32BE(12 + head.length + payload.length + 4, 0);
  prelude.writeUInt32BE(head.length, 4);
  prelude.writeUInt32BE(crc32(prelude.subarray(0, 8)), 8);
  const body = Buffer.concat([prelude, head, payload]);
  const checksum = Buffer.alloc(4);
  checksum.writeUInt32BE(crc32(body));
  return Buffer.concat([body, checksum]);
}

const event = (type: string, payload: object): Buffer =>
  frame({ ":event-type": type, ":content-type": "application/json", ":message-type": "event" }, Buffer.from(JSON.stringify(payload)));

const exception = (type: string, message: string): Buffer =>
  frame(
    { ":exception-type": type, ":content-type": "application/json", ":message-type": "exception" },
    Buffer.from(JSON.stringify({ message })),
  );

async function messages(name: string): Promise<Buffer[]> {
  const lines = (await fixture(name)).trim().split("\n");
  return lines.map((line) => {
    const data = JSON.parse(line) as Record<string, object>;
    // Converse names its events; a model's own stream comes as bytes in chunks.
    if (!name.includes("converse")) return event("chunk", { bytes: Buffer.from(line).toString("base64"), p: "abc" });
    const [type] = Object.keys(data);
    return event(type!, data[type!]!);
  });
}

type End = "complete" | "hang" | "break" | { exception: string };

/** A recorded stream, whole or its first messages and then silence, a broken connection or an exception. */
export function frames(name: string, count = Number.POSITIVE_INFINITY, end: End = "complete"): Answer {
  return async (response) => {
    response.writeHead(200, { "content-type": "application/vnd.amazon.eventstream", "x-amzn-requestid": "req_1" });
    for (const message of (await messages(name)).slice(0, count)) response.write(message);
    if (end === "complete") response.end();
    else if (end === "break")
      setTimeout(() => (response as never as Http2ServerResponse).stream.close(constants.NGHTTP2_INTERNAL_ERROR), 20);
    else if (end !== "hang") response.end(exception(end.exception, "It went wrong."));
  };
}

/** Answers requests one after the other; the last answer is repeated. */
export async function startBedrock(...answers: Answer[]) {
  const asked: Asked[] = [];
  const sessions = new Set<ServerHttp2Session>();
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const text = Buffer.concat(chunks).toString();
    const headers = Object.fromEntries(Object.entries(request.headers).map(([name, value]) => [name, String(value)]));
    const entry = { path: request.url, headers, text, body: JSON.parse(text || "{}") as Record<string, unknown> };
    asked.push(entry);
    await answers[Math.min(asked.length, answers.length) - 1]?.(response as never, entry);
  });
  server.on("session", (session) => {
    sessions.add(session);
    session.on("error", () => {});
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    asked,
    async close() {
      for (const session of sessions) session.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
