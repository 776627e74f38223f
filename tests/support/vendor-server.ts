// A local stand-in for an LLM vendor: it answers with recorded replies and keeps what it was asked.
import { readFile } from "node:fs/promises";
import { createServer, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

export type Asked = { path: string; headers: Record<string, string>; text: string; body: Record<string, unknown> };
export type Answer = (response: ServerResponse, asked: Asked) => Promise<void> | void;

export const fixture = (name: string): Promise<string> => readFile(new URL(`fixtures/${name}`, import.meta.url), "utf8");

/** A recorded JSON reply. */
export function json(name: string, status = 200, headers: Record<string, string> = {}): Answer {
  return async (response) => {
    response.writeHead(status, { "content-type": "application/json", "x-request-id": "req_1", "request-id": "req_1", ...headers });
    response.end(await fixture(name));
  };
}

/** A recorded stream, in pieces that cut through events and characters alike. */
export function stream(name: string, pieceBytes = 61): Answer {
  return async (response) => {
    response.writeHead(200, { "content-type": "text/event-stream; charset=utf-8", "x-request-id": "req_1", "request-id": "req_1" });
    const bytes = Buffer.from(await fixture(name));
    for (let start = 0; start < bytes.length; start += pieceBytes) {
      response.write(bytes.subarray(start, start + pieceBytes));
      await new Promise((resolve) => setImmediate(resolve));
    }
    response.end();
  };
}

/** The first events of a recorded stream, then nothing more until the client goes (`"hang"`) or a broken connection (`"break"`). */
export function streamStart(name: string, events: number, then: "hang" | "break"): Answer {
  return async (response) => {
    response.writeHead(200, { "content-type": "text/event-stream; charset=utf-8" });
    const text = await fixture(name);
    const blank = text.includes("\r\n") ? "\r\n\r\n" : "\n\n";
    response.write(`${text.split(blank).slice(0, events).join(blank)}${blank}`);
    if (then === "break") setTimeout(() => response.destroy(), 20);
  };
}

/** Answers requests one after the other; the last answer is repeated. */
export async function startVendor(...answers: Answer[]) {
  const asked: Asked[] = [];
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk);
    const headers = Object.fromEntries(Object.entries(request.headers).map(([name, value]) => [name, String(value)]));
    const text = Buffer.concat(chunks).toString();
    // An upload is a form: its text is all there is to look at.
    const body = (text.startsWith("{") ? JSON.parse(text) : {}) as Record<string, unknown>;
    const entry = { path: request.url ?? "", headers, text, body };
    asked.push(entry);
    await answers[Math.min(asked.length, answers.length) - 1]?.(response, entry);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    url,
    asked,
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
