import type { IncomingMessage, ServerResponse } from "node:http";
import type { KeyRole } from "./api-keys.ts";

/** A request to the gateway, read and with its caller worked out. */
export type Exchange = {
  method: string;
  url: URL;
  headers: Headers;
  body: Buffer;
  peer: string | null;
  /** What the API key stands for; null without a valid key. */
  keyRole: KeyRole | null;
  apikey: string | null;
  /** The bearer token as the client sent it: a JWT, an API key or nothing. */
  bearer: string | null;
  /** Aborts when the client goes away. */
  signal: AbortSignal;
};

export const corsHeaders: Record<string, string> = {
  "access-control-allow-origin": "*",
  "access-control-allow-headers":
    "*, authorization, apikey, content-type, x-client-info, x-supabase-api-version, prefer, range, accept-profile, content-profile",
  "access-control-allow-methods": "GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS",
  "access-control-expose-headers": "*, content-range, content-location, preference-applied, x-total-count, link, sb-gateway-version",
  "access-control-max-age": "3600",
};

const bodyLimit = 64 * 1024 * 1024;

/** The whole body; rejects beyond 64 MiB. */
export async function readBody(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > bodyLimit) throw new Error("request body too large");
    chunks.push(chunk);
  }
  return Buffer.concat(chunks, size);
}

/** Node's headers as fetch's, several values of one name joined. */
export function toHeaders(incoming: IncomingMessage["headers"]): Headers {
  const headers = new Headers();
  for (const [name, value] of Object.entries(incoming)) {
    if (value !== undefined) headers.set(name, Array.isArray(value) ? value.join(", ") : value);
  }
  return headers;
}

/** Writes a fetch response, with CORS, through Node. */
export async function send(reply: Response, response: ServerResponse): Promise<void> {
  const body = Buffer.from(await reply.arrayBuffer());
  const headers: Record<string, string | string[]> = { ...Object.fromEntries(reply.headers), ...corsHeaders };
  const cookies = reply.headers.getSetCookie();
  if (cookies.length > 0) headers["set-cookie"] = cookies;
  delete headers["content-length"];
  delete headers["transfer-encoding"];
  if (response.writableEnded || response.destroyed) return;
  response.writeHead(reply.status, headers);
  response.end(body);
}
