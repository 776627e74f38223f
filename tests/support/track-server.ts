// A local stand-in for the ingest door, for what the real one would not do on demand: fail, be slow, refuse.
import { createServer, type IncomingHttpHeaders, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

export type Tracked = Record<string, unknown> & { request_id: string };
type Reply = (response: ServerResponse, events: Tracked[]) => void;

export const accept: Reply = (response, events) => {
  response.writeHead(200, { "content-type": "application/json" });
  response.end(JSON.stringify({ accepted: events.length, duplicates: 0, rejected: [] }));
};

export const refuse =
  (status: number, headers: Record<string, string> = {}): Reply =>
  (response) => {
    response.writeHead(status, { "content-type": "application/json", ...headers });
    response.end(JSON.stringify({ error: { code: "unavailable", message: "try later" } }));
  };

/** Answers batch after batch as told; the last reply is repeated. Default: everything is accepted. */
export async function startTrackServer(...replies: Reply[]) {
  const batches: { at: number; headers: IncomingHttpHeaders; events: Tracked[] }[] = [];
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk);
    const { events } = JSON.parse(Buffer.concat(chunks).toString()) as { events: Tracked[] };
    batches.push({ at: performance.now(), headers: request.headers, events });
    (replies[Math.min(batches.length, replies.length) - 1] ?? accept)(response, events);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    batches,
    get events(): Tracked[] {
      return batches.flatMap((batch) => batch.events);
    },
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
