import { createServer, type IncomingMessage, type RequestListener, type Server } from "node:http";
import { getRequestListener } from "@hono/node-server";
import type { MachineDoors } from "./machine-doors.ts";
import { isMachinePath } from "./machine-paths.ts";

/**
 * One port for everything: the machine doors are answered here directly, because behind Next's router they are thirty times slower;
 * the rest goes to `pages`. Slow senders are cut off by the time-outs.
 */
export function createHttpServer(doors: MachineDoors, pages: () => RequestListener): Server {
  // Next lives in this process and has its own idea of Request and Response: the globals stay as they are.
  const doorListener = getRequestListener(doors.fetch, { overrideGlobalObjects: false });
  const server = createServer({ keepAliveTimeout: 65_000, headersTimeout: 15_000, requestTimeout: 60_000 }, (request, response) => {
    if (isMachinePath(request.url ?? "")) void doorListener(request, response);
    else pages()(request, response);
  });
  return server;
}

/** Resolves with the port once the server listens. */
export function listen(server: Server, port: number, host: string | undefined): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, host, () => {
      server.off("error", reject);
      const address = server.address();
      resolve(typeof address === "object" && address !== null ? address.port : port);
    });
  });
}

/** Stops accepting and lets the requests under way finish, for at most `deadlineMs`; then closes what is left. */
export async function drain(server: Server, deadlineMs: number): Promise<void> {
  const closed = new Promise<void>((resolve) => server.close(() => resolve()));
  // A kept-alive connection becomes idle again after its answer, and `close` only looks at idle ones once.
  const sweep = setInterval(() => server.closeIdleConnections(), 50);
  const cut = setTimeout(() => server.closeAllConnections(), deadlineMs);
  await closed;
  clearInterval(sweep);
  clearTimeout(cut);
}

/** The answer while the pages are still being prepared. */
export const notYet: RequestListener = (_request: IncomingMessage, response) => {
  response.writeHead(503, { "retry-after": "2", "content-type": "text/plain; charset=utf-8", "cache-control": "no-store" });
  response.end("TokenTRA is starting.\n");
};

/** The answer of a host that serves machines only. */
export const noPages: RequestListener = (_request: IncomingMessage, response) => {
  response.writeHead(404, { "content-type": "text/plain; charset=utf-8", "cache-control": "no-store" });
  response.end("There are no pages here.\n");
};
