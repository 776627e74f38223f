// One logical replication stream carries everything the database has to say: broadcasts and row changes, in commit order, without
// triggers. The slot is temporary: it dies with its connection, so a killed server never leaves one behind that keeps WAL.
import { randomBytes } from "node:crypto";
import { LogicalReplicationService, PgoutputPlugin } from "pg-logical-replication";
import type { Row } from "./changes-filter.ts";
import type { ChangeType } from "./changes-subscription.ts";
import type { Log } from "./log.ts";

export type ReplicationTarget = { host: string; port: number; user: string; password: string; database: string };

type Announcement = { relationOid: number; schema: string; name: string };

/** A row as the stream tells it; `relation` is one object per announcement of the table. */
export type StreamedRow = {
  relation: Announcement;
  type: ChangeType;
  record: Row | undefined;
  old: Row | undefined;
  committedAt: string;
};

type Message = ReturnType<PgoutputPlugin["parse"]>;

const PUBLICATIONS = ["supabase_realtime", "supabase_realtime_messages_publication"];
const FIRST_RETRY_MS = 100;
const LAST_RETRY_MS = 5_000;

class TextPlugin extends PgoutputPlugin {
  override async start(...[client, slot]: Parameters<PgoutputPlugin["start"]>) {
    await client.query(`CREATE_REPLICATION_SLOT "${slot}" TEMPORARY LOGICAL pgoutput NOEXPORT_SNAPSHOT`);
    return super.start(client, slot, "0/0");
  }

  /** Cells stay as Postgres prints them: the default parsers round timestamps and numbers. */
  override parse(buffer: Buffer): Message {
    const message = super.parse(buffer);
    if (message.tag === "relation") for (const column of message.columns) column.parser = (text: string) => text;
    return message;
  }
}

/**
 * Streams until closed, reconnecting with growing pauses. `onRow` holds the stream back while it works; `onCommit` follows the
 * rows of each transaction. `onGap` tells that a connection was lost, so that commits may have been missed. Resolves at the first connection.
 */
export async function startReplication(
  target: ReplicationTarget,
  handlers: { onRow: (row: StreamedRow) => Promise<void>; onCommit: () => Promise<void>; onGap: () => void; log: Log },
): Promise<{ close: () => Promise<void> }> {
  let isClosed = false;
  let wake: () => void = () => {};
  let service: LogicalReplicationService | undefined;
  let onFirstStart: () => void = () => {};
  let started = 0;
  let committedAt = "";

  const onData = async (_lsn: string, message: Message): Promise<void> => {
    if (message.tag === "begin") committedAt = new Date(Number(message.commitTime) / 1000).toISOString();
    else if (message.tag === "commit") await handlers.onCommit();
    else if (message.tag === "insert" || message.tag === "update" || message.tag === "delete") {
      await handlers.onRow({
        relation: message.relation,
        type: message.tag === "insert" ? "INSERT" : message.tag === "update" ? "UPDATE" : "DELETE",
        record: message.tag === "delete" ? undefined : message.new,
        old: message.tag === "insert" ? undefined : (message.old ?? message.key ?? undefined),
        committedAt,
      });
    }
  };

  const stream = async (): Promise<void> => {
    const current = new LogicalReplicationService(
      { ...target, application_name: "realtime" },
      { acknowledge: { auto: false, timeoutSeconds: 10 }, flowControl: { enabled: true } },
    );
    service = current;
    current.on("data", (lsn, message: Message) =>
      Promise.resolve(onData(lsn, message)).catch((error: unknown) => handlers.log("a change could not be delivered", error)),
    );
    current.on("heartbeat", async (lsn, _at, isAnswerWanted) => {
      if (isAnswerWanted) await current.acknowledge(lsn);
    });
    current.on("error", (error) => handlers.log("replication connection", error));
    current.on("start", () => {
      if (started++ > 0) handlers.onGap();
      onFirstStart();
    });
    const plugin = new TextPlugin({ protoVersion: 1, publicationNames: PUBLICATIONS });
    try {
      await current.subscribe(plugin, `realtime_${randomBytes(6).toString("hex")}`);
    } finally {
      await current.destroy().catch(() => {});
    }
  };

  const run = async (): Promise<void> => {
    let pause = FIRST_RETRY_MS;
    while (!isClosed) {
      const before = started;
      await stream().catch((error: unknown) => handlers.log("replication stopped", error));
      if (isClosed) return;
      pause = started > before ? FIRST_RETRY_MS : Math.min(pause * 2, LAST_RETRY_MS);
      await new Promise<void>((resolve) => {
        wake = resolve;
        setTimeout(resolve, pause).unref();
      });
    }
  };

  const firstStart = new Promise<void>((resolve) => {
    onFirstStart = resolve;
  });
  const finished = run();
  await firstStart;
  return {
    async close() {
      isClosed = true;
      wake();
      await service?.destroy().catch(() => {});
      await finished;
    },
  };
}
