// Websockets in, frames out: backpressure, idle clients, slow readers.
import type { IncomingMessage } from "node:http";
import type { Duplex } from "node:stream";
import { WebSocket, WebSocketServer } from "ws";
import { Connection } from "./connection.ts";
import type { Realtime } from "./context.ts";
import { identify } from "./identity.ts";
import type { Caller } from "./join.ts";
import { IDLE_TIMEOUT_MS, MAX_BUFFERED_BYTES, MAX_PAYLOAD_BYTES, MAX_PENDING_FRAMES } from "./limits.ts";
import { decodeFrame } from "./protocol.ts";

const GOING_AWAY = 1001;
const INVALID_FRAME = 1007;
const CLOSE_GRACE_MS = 1_000;

export type Sockets = { upgrade: (request: IncomingMessage, socket: Duplex, head: Buffer) => void; close: () => Promise<void> };

export function openSockets(realtime: Realtime): Sockets {
  const server = new WebSocketServer({ noServer: true, maxPayload: MAX_PAYLOAD_BYTES });

  const refuse = (socket: Duplex) => socket.end("HTTP/1.1 401 Unauthorized\r\nConnection: close\r\nContent-Length: 0\r\n\r\n");

  return {
    upgrade(request, socket, head) {
      // Until the handshake is done nobody else listens, and an unhandled error would end the process.
      socket.on("error", () => socket.destroy());
      const { searchParams } = new URL(request.url ?? "/", "http://localhost");
      const headers = headersOf(request);
      const key = searchParams.get("apikey") ?? headers["x-api-key"] ?? "";
      identify(realtime.checks, undefined, key).then(
        () =>
          server.handleUpgrade(request, socket, head, (websocket) => {
            serve(realtime, websocket, { key, headers, version: searchParams.get("vsn") === "2.0.0" ? "2.0.0" : "1.0.0" });
          }),
        () => refuse(socket),
      );
    },
    async close() {
      const open = [...server.clients];
      const closed = open.map((websocket) => new Promise<void>((resolve) => websocket.once("close", () => resolve())));
      for (const websocket of open) websocket.close(GOING_AWAY, "server is stopping");
      const force = setTimeout(() => {
        for (const websocket of open) websocket.terminate();
      }, CLOSE_GRACE_MS);
      await Promise.all(closed);
      clearTimeout(force);
      server.close();
    },
  };
}

function serve(realtime: Realtime, websocket: WebSocket, caller: Omit<Caller, "send">): void {
  const connection = new Connection(realtime, {
    ...caller,
    send(data) {
      if (websocket.readyState !== WebSocket.OPEN) return;
      if (websocket.bufferedAmount > MAX_BUFFERED_BYTES) return websocket.terminate();
      websocket.send(data);
    },
  });
  let last = Promise.resolve();
  let pending = 0;
  const idle = setTimeout(() => websocket.terminate(), IDLE_TIMEOUT_MS);

  websocket.on("message", (data: Buffer, isBinary: boolean) => {
    idle.refresh();
    if (++pending >= MAX_PENDING_FRAMES) websocket.pause();
    last = last
      .then(() => handle(realtime, connection, websocket, data, isBinary))
      .finally(() => {
        if (--pending < MAX_PENDING_FRAMES / 2 && websocket.isPaused) websocket.resume();
      });
  });
  websocket.on("error", (error) => realtime.log("websocket", error));
  websocket.on("close", () => {
    clearTimeout(idle);
    // After the frames still waiting, so that a join among them leaves nothing behind.
    last = last.then(() => connection.close());
  });
}

async function handle(realtime: Realtime, connection: Connection, websocket: WebSocket, data: Buffer, isBinary: boolean): Promise<void> {
  try {
    await connection.handle(decodeFrame(data, isBinary));
  } catch (error) {
    const isMalformed = !(error instanceof Error) || error instanceof SyntaxError || /frame/.test(error.message);
    realtime.log("a frame could not be handled", error);
    if (isMalformed) websocket.close(INVALID_FRAME, "invalid frame");
  }
}

function headersOf({ headers }: IncomingMessage): Record<string, string> {
  return Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [name, Array.isArray(value) ? value.join(", ") : (value ?? "")]),
  );
}
