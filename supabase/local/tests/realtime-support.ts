// A realtime server of its own for a test file, over the shared database: tokens are signed here, and periods can be short.
import { randomUUID } from "node:crypto";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { createClient, type RealtimeChannel, type SupabaseClient } from "@supabase/supabase-js";
import { jwtVerify, SignJWT } from "jose";
import postgres from "postgres";
import { createRealtime, type RealtimeOptions } from "../realtime/server.ts";
import { sharedStack } from "./support.ts";

export const ANON_KEY = "sb_publishable_test";
export const SERVICE_KEY = "sb_secret_test";
const secret = new TextEncoder().encode("a secret for the tokens of this test file");

export type Person = { id: string; token: string };

/** A signed-in user; `expiresIn` in seconds. */
export async function person(claims: Record<string, unknown> = {}, expiresIn = 3600, id: string = randomUUID()): Promise<Person> {
  const expiry = Math.floor(Date.now() / 1000) + expiresIn;
  const token = await new SignJWT({ role: "authenticated", sub: id, ...claims })
    .setProtectedHeader({ alg: "HS256" })
    .setExpirationTime(expiry)
    .setJti(randomUUID())
    .sign(secret);
  return { id, token };
}

export type TestServer = {
  url: string;
  /** supabase-js, as somebody or with the publishable key alone. */
  connect: (as?: Person | "service", vsn?: "1.0.0" | "2.0.0") => SupabaseClient;
  close: () => Promise<void>;
};

export async function startServer(options: Partial<RealtimeOptions> = {}): Promise<TestServer> {
  const admin = new URL(sharedStack().adminUrl);
  const sql = postgres(sharedStack().adminUrl, { max: 4, onnotice: () => {} });
  const realtime = await createRealtime({
    sql,
    replication: {
      host: admin.hostname,
      port: Number(admin.port),
      user: admin.username,
      password: admin.password,
      database: admin.pathname.slice(1),
    },
    verifyToken: async (token) => (await jwtVerify(token, secret)).payload,
    roleOfKey: (key) => (key === ANON_KEY ? "anon" : key === SERVICE_KEY ? "service_role" : null),
    log() {},
    ...options,
  });
  const http = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk);
    const apikey = request.headers.apikey?.toString();
    const token = request.headers.authorization?.replace(/^Bearer /, "");
    const url = new URL(request.url ?? "/", "http://localhost");
    await realtime.handleHttp(request, response, url, Buffer.concat(chunks), { token, apikey });
  });
  http.on("upgrade", realtime.upgrade);
  await new Promise<void>((resolve) => http.listen(0, "127.0.0.1", resolve));
  const url = `http://127.0.0.1:${(http.address() as AddressInfo).port}`;
  const clients: SupabaseClient[] = [];
  return {
    url,
    connect(as, vsn = "2.0.0") {
      const key = as === "service" ? SERVICE_KEY : ANON_KEY;
      const token = typeof as === "object" ? as.token : undefined;
      const client = createClient(url, key, {
        ...(token && { accessToken: async () => token }),
        auth: { persistSession: false, autoRefreshToken: false },
        realtime: { vsn },
      });
      clients.push(client);
      return client;
    },
    async close() {
      await Promise.all(clients.map((client) => client.realtime.disconnect()));
      await realtime.close();
      await new Promise((resolve) => http.close(resolve));
      await sql.end({ timeout: 1 });
    },
  };
}

/** Joins with the client's token; resolves to the final state and what the server said about it. */
export async function join(channel: RealtimeChannel): Promise<{ status: string; error?: Error }> {
  await channel.socket.setAuth();
  return new Promise((resolve) => {
    channel.subscribe((status, error) => resolve({ status, error }), 5_000);
  });
}

/** Everything that arrives for one kind of event, with a way to wait for it. */
export class Inbox<T> {
  readonly all: T[] = [];
  readonly push = (item: T): void => {
    this.all.push(item);
  };

  async find(test: (item: T) => boolean = () => true, timeoutMs = 5_000): Promise<T> {
    for (const deadline = Date.now() + timeoutMs; ; ) {
      const found = this.all.find(test);
      if (found !== undefined) return found;
      if (Date.now() > deadline) throw new Error(`nothing fitting arrived within ${timeoutMs} ms, but: ${JSON.stringify(this.all)}`);
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
  }
}
