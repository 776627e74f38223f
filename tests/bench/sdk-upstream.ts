/**
 * The other side of `npm run bench:sdk`, in a process of its own: vendors that answer at once with recorded replies, over HTTP/1.1 and, as
 * Bedrock's client speaks, HTTP/2; and an ingest door that takes a second for every answer. Says its addresses in one line of JSON.
 */
import { createServer, type ServerResponse } from "node:http";
import { createServer as createHttp2Server } from "node:http2";
import type { AddressInfo } from "node:net";
import { fixture } from "../support/vendor-server.ts";

const doorMs = 1_000;
const replies: [RegExp, string, string][] = [
  [/\/chat\/completions/, "openai/chat.json", "application/json"],
  [/\/stream\/.*chat\/completions/, "openai/chat-stream-usage.sse", "text/event-stream"],
  [/\/v1\/messages/, "anthropic/message.json", "application/json"],
  [/:generateContent/, "google/content.json", "application/json"],
  [/\/converse$/, "bedrock/converse.json", "application/json"],
];
const bodies = await Promise.all(replies.map(async ([pattern, name, type]) => ({ pattern, type, body: await fixture(name) })));

function answer(path: string, response: ServerResponse): void {
  const reply = bodies.findLast(({ pattern }) => pattern.test(path));
  response.writeHead(reply ? 200 : 404, { "content-type": reply?.type ?? "text/plain" });
  response.end(reply?.body);
}

let events = 0;
const http = createServer((request, response) => {
  const chunks: Buffer[] = [];
  request.on("data", (chunk: Buffer) => chunks.push(chunk));
  request.on("end", () => {
    const path = request.url ?? "";
    if (path === "/events") return response.end(String(events));
    if (!path.endsWith("/track")) return answer(path, response);
    const sent = (JSON.parse(Buffer.concat(chunks).toString()) as { events: unknown[] }).events.length;
    setTimeout(() => {
      events += sent;
      response.end(JSON.stringify({ accepted: sent, duplicates: 0, rejected: [] }));
    }, doorMs);
  });
});
const http2 = createHttp2Server((request, response) => {
  request.resume();
  request.on("end", () => answer(request.url, response as never));
});
const address = (server: { address(): unknown }): string => `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
await Promise.all([http, http2].map((server) => new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve))));
process.send?.({ http: address(http), http2: address(http2) });
process.on("disconnect", () => process.exit());
