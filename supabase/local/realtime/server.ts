// Realtime for the local stack: Phoenix channels with broadcast, presence, row changes, and private channels held by row-level security.
import type { IncomingMessage, ServerResponse } from "node:http";
import type { Sql } from "postgres";
import { broadcastOf } from "./broadcasts.ts";
import type { Change } from "./change-message.ts";
import { deliverChanges } from "./changes.ts";
import { leave, type Realtime } from "./context.ts";
import { answerHttp } from "./http.ts";
import { Hub } from "./hub.ts";
import type { TokenChecks } from "./identity.ts";
import { CHANGES_WINDOW_MS, MAINTENANCE_INTERVAL_MS, MAX_CHANGES_PER_BATCH, RECHECK_INTERVAL_MS } from "./limits.ts";
import { type Log, logLines } from "./log.ts";
import { recheckPrivateChannels } from "./recheck.ts";
import { describeRelation, type Relation } from "./relation.ts";
import { type ReplicationTarget, type StreamedRow, startReplication } from "./replication.ts";
import { openSockets, type Sockets } from "./sockets.ts";

export type RealtimeOptions = Omit<TokenChecks, "isAssignableRole"> & {
  /** Superuser pool: probes insert past row-level security and then take the caller's role. */
  sql: Sql;
  /** A login that may replicate. */
  replication: ReplicationTarget;
  log: (line: string) => void;
  /** How often open private channels are asked again whether they may be read, in milliseconds. */
  recheckIntervalMs?: number;
};

export type RealtimeServer = {
  upgrade: Sockets["upgrade"];
  handleHttp: (
    request: IncomingMessage,
    response: ServerResponse,
    url: URL,
    body: Uint8Array,
    auth: { token?: string; apikey?: string },
  ) => Promise<void>;
  close: () => Promise<void>;
};

/** Resolves once the replication stream runs, so that nothing committed afterwards is missed. */
export async function createRealtime(options: RealtimeOptions): Promise<RealtimeServer> {
  const { sql, verifyToken, roleOfKey } = options;
  const log = logLines(options.log);
  const realtime: Realtime = {
    sql,
    log,
    hub: new Hub(),
    checks: { verifyToken, roleOfKey, isAssignableRole: (role) => isAssignableRole(sql, role) },
  };
  const replication = await startReplication(options.replication, { ...databaseEvents(realtime), log });
  const sockets = openSockets(realtime);
  const timers = [
    repeat(log, options.recheckIntervalMs ?? RECHECK_INTERVAL_MS, () => recheckPrivateChannels(realtime)),
    repeat(log, MAINTENANCE_INTERVAL_MS, async () => {
      await sql`select realtime.maintain_messages()`;
    }),
  ];
  return {
    upgrade: sockets.upgrade,
    async handleHttp(request, response, url, body, auth) {
      const headers = Object.fromEntries(Object.entries(request.headers).map(([name, value]) => [name, String(value ?? "")]));
      const answer = await answerHttp(realtime, { method: request.method ?? "GET", url, headers, body, ...auth });
      response.writeHead(answer.status, answer.body === undefined ? {} : { "content-type": "application/json" });
      response.end(answer.body === undefined ? undefined : JSON.stringify(answer.body));
    },
    async close() {
      for (const timer of timers) clearInterval(timer);
      await sockets.close();
      await replication.close();
    },
  };
}

/** Broadcasts go out at once; row changes are collected for a moment, or until there are many, and checked together. */
function databaseEvents(realtime: Realtime) {
  const { sql, hub, log } = realtime;
  const relations = new WeakMap<object, Promise<Relation>>();
  let batch: Change[] = [];
  let last = Promise.resolve();
  let timer: NodeJS.Timeout | undefined;

  /** Batches follow each other, so that commit order is kept. */
  const flush = (): Promise<void> => {
    clearTimeout(timer);
    timer = undefined;
    const changes = batch;
    batch = [];
    const onError = (error: unknown) => log("row changes could not be delivered", error);
    last = last.then(() => deliverChanges(sql, hub, changes, onError)).catch(onError);
    return last;
  };

  return {
    async onCommit() {
      if (batch.length > 0) timer ??= setTimeout(flush, CHANGES_WINDOW_MS).unref();
    },
    async onRow({ relation, type, record, old, committedAt }: StreamedRow) {
      if (relation.schema === "realtime" && relation.name === "messages") {
        const broadcast = record && broadcastOf(record);
        if (broadcast) hub.broadcast(broadcast.topic, broadcast.isPrivate, broadcast.message);
        return;
      }
      let described = relations.get(relation);
      if (!described) {
        described = describeRelation(sql, relation.relationOid, relation.schema, relation.name);
        relations.set(relation, described);
        described.catch(() => relations.delete(relation));
      }
      batch.push({ relation: await described, type, record, old, committedAt });
      if (batch.length >= MAX_CHANGES_PER_BATCH) await flush();
    },
    /** Clients join again after a channel error, and read the current state when they do: what was missed is made up for. */
    onGap() {
      batch = [];
      for (const channel of [...hub.all()]) {
        if (!channel.options.isPrivate && channel.subscriptions.length === 0) continue;
        leave(realtime, channel);
        channel.control("phx_error");
      }
    },
  };
}

async function isAssignableRole(sql: Sql, role: string): Promise<boolean> {
  if (role === "anon" || role === "authenticated" || role === "service_role") return true;
  const [row] = await sql<{ allowed: boolean }[]>`
    select coalesce(bool_or(pg_has_role('authenticator', oid, 'member')), false) as allowed from pg_roles where rolname = ${role} and not rolsuper`;
  return row?.allowed ?? false;
}

/** Runs again and again, never twice at the same time. */
function repeat(log: Log, intervalMs: number, work: () => Promise<void>): NodeJS.Timeout {
  let isRunning = false;
  return setInterval(async () => {
    if (isRunning) return;
    isRunning = true;
    await work().catch((error: unknown) => log("periodic work failed", error));
    isRunning = false;
  }, intervalMs).unref();
}
