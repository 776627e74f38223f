import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { type AuthApiParts, authApi } from "./auth-api.ts";
import type { CallerReader } from "./caller.ts";
import type { Functions } from "./functions.ts";
import { corsHeaders, type Exchange, readBody, send, toHeaders } from "./http-exchange.ts";
import type { Mailbox } from "./mailbox.ts";
import { serveMailbox } from "./mailbox-pages.ts";
import type { RealtimeServer } from "./realtime-link.ts";
import { restApi } from "./rest-api.ts";

export type GatewayParts = {
  port: number;
  auth: AuthApiParts;
  readCaller: CallerReader;
  functions: Functions;
  realtime: RealtimeServer | null;
  mailbox: Mailbox;
  log(line: string): void;
};

export type Gateway = { close(): Promise<void> };

/** The one HTTP port of the stack, with the paths of a hosted project. */
export async function openGateway(parts: GatewayParts): Promise<Gateway> {
  const server = createServer((request, response) => {
    serve(request, response, parts).catch((error: unknown) => {
      parts.log(`${described(request)}: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`);
      if (response.headersSent) response.destroy();
      else answer(response, 500, { code: 500, error_code: "unexpected_failure", msg: "Unexpected failure, see the stack's log" });
    });
  });
  server.on("upgrade", (request, socket, head) => {
    if (parts.realtime && request.url?.startsWith("/realtime/v1/websocket")) parts.realtime.upgrade(request, socket, head);
    else socket.destroy();
  });
  // Longer than any client keeps an idle connection, so that the client and not we close it.
  server.keepAliveTimeout = 65_000;
  await listen(server, parts.port);
  return {
    close: () =>
      new Promise((done) => {
        server.close(() => done());
        server.closeAllConnections();
      }),
  };
}

async function serve(request: IncomingMessage, response: ServerResponse, parts: GatewayParts): Promise<void> {
  const url = new URL(request.url ?? "/", `http://127.0.0.1:${parts.port}`);
  const area = url.pathname.split("/")[1];
  if (area === "mailbox") return send(serveMailbox(parts.mailbox, url), response);
  if (area === "health") return answer(response, 200, { status: "ok" });
  if (request.method === "OPTIONS" && area !== "functions") {
    response.writeHead(204, corsHeaders);
    response.end();
    return;
  }

  const caller = await parts.readCaller(request, url);
  if (area === "functions") {
    return parts.functions.handle(request, response, url, async () => {
      if (caller.keyRole !== null || caller.bearer === null) return caller.keyRole ?? Promise.reject(new Error("no token"));
      return parts.auth.keys.verify(caller.bearer);
    });
  }
  const body = await readBody(request);
  if (area === "realtime" && parts.realtime) {
    return parts.realtime.handleHttp(request, response, url, body, {
      token: caller.bearer ?? undefined,
      apikey: caller.apikey ?? undefined,
    });
  }
  const gone = new AbortController();
  response.on("close", () => {
    if (!response.writableEnded) gone.abort();
  });
  const exchange: Exchange = {
    method: request.method ?? "GET",
    url,
    headers: toHeaders(request.headers),
    body,
    peer: request.socket.remoteAddress ?? null,
    ...caller,
    signal: gone.signal,
  };
  if (area === "auth") return send(await authApi(exchange, parts.auth), response);
  if (area === "rest") {
    const reply = await restApi(exchange, parts.auth.lite, parts.auth.tokens);
    if (reply.status >= 500) parts.log(`${described(request)}: ${reply.status} ${(await reply.clone().text()).slice(0, 500)}`);
    return send(reply, response);
  }
  answer(response, 404, { message: "no Route matched with those values" });
}

/** One request in the log, with the id by which the screen that asked names it. */
function described({ method, url, headers }: IncomingMessage): string {
  const id = headers["x-request-id"];
  return [...(typeof id === "string" ? [id.slice(0, 100)] : []), method, url?.split("?")[0]].join(" ");
}

function answer(response: ServerResponse, status: number, body: object): void {
  response.writeHead(status, { "content-type": "application/json", ...corsHeaders });
  response.end(JSON.stringify(body));
}

function listen(server: Server, port: number): Promise<void> {
  return new Promise((done, fail) => {
    server.once("error", fail);
    server.listen(port, "127.0.0.1", () => {
      server.off("error", fail);
      done();
    });
  });
}
