import { connect, type Socket } from "node:net";

/** One kept-alive connection that has at most one request under way. */
export type Connection = { post(body: Buffer): Promise<{ status: number; body: string }>; close(): void };

/**
 * A load generator that costs as little as possible beside what it measures, on the same cores: whole requests are written as one
 * buffer, and of the answer only the status, the length and the body are read. It talks to our own server only: HTTP/1.1 with
 * `content-length`, as every answer of the door has.
 */
export async function openConnection(port: number): Promise<Connection> {
  const socket: Socket = connect({ port, host: "127.0.0.1", noDelay: true });
  await new Promise<void>((resolve, reject) => socket.once("connect", resolve).once("error", reject));
  let waiting: { resolve: (answer: { status: number; body: string }) => void; reject: (error: Error) => void } | null = null;
  let received = "";
  socket.setEncoding("latin1");
  socket.on("data", (chunk: string) => {
    received += chunk;
    const headEnd = received.indexOf("\r\n\r\n");
    if (headEnd < 0) return;
    const length = /\r\ncontent-length: (\d+)/i.exec(received.slice(0, headEnd))?.[1];
    if (length === undefined) return void socket.destroy(new Error(`an answer without a length: ${received.slice(0, headEnd)}`));
    const end = headEnd + 4 + Number(length);
    if (received.length < end) return;
    const answer = { status: Number(received.slice(9, 12)), body: received.slice(headEnd + 4, end) };
    received = received.slice(end);
    waiting?.resolve(answer);
    waiting = null;
  });
  const fail = (error?: Error) => {
    waiting?.reject(error ?? new Error("the server closed the connection"));
    waiting = null;
  };
  socket.on("error", fail);
  socket.on("close", () => fail());
  return {
    post(request) {
      return new Promise((resolve, reject) => {
        waiting = { resolve, reject };
        socket.write(request);
      });
    },
    close: () => socket.destroy(),
  };
}

/** A whole POST request as bytes. */
export function postRequest(path: string, key: string, body: string): Buffer {
  const bytes = Buffer.from(body);
  const head =
    `POST ${path} HTTP/1.1\r\nhost: 127.0.0.1\r\nauthorization: Bearer ${key}\r\ncontent-type: application/json\r\n` +
    `content-length: ${bytes.length}\r\n\r\n`;
  return Buffer.concat([Buffer.from(head), bytes]);
}
