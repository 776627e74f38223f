import { existsSync } from "node:fs";
import type { IncomingMessage, ServerResponse } from "node:http";
import type { Duplex } from "node:stream";
import type { Sql } from "postgres";
import type { KeyRole } from "./api-keys.ts";
import type { Claims } from "./token-keys.ts";

/** What the gateway needs of the realtime server. */
export type RealtimeServer = {
  upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void;
  handleHttp(
    request: IncomingMessage,
    response: ServerResponse,
    url: URL,
    body: Buffer,
    auth: { token?: string; apikey?: string },
  ): Promise<void>;
  close(): Promise<void>;
};

export type RealtimeOptions = {
  sql: Sql;
  replication: { host: string; port: number; user: string; password: string; database: string };
  verifyToken(token: string): Promise<Claims>;
  roleOfKey(key: string): KeyRole | null;
  log(line: string): void;
};

export async function startRealtime(options: RealtimeOptions): Promise<RealtimeServer | null> {
  const module = new URL("./realtime/server.ts", import.meta.url);
  if (!existsSync(module)) return null;
  const { createRealtime } = (await import(module.href)) as { createRealtime(options: RealtimeOptions): Promise<RealtimeServer> };
  return createRealtime(options);
}
