// Broadcasts that were written to realtime.messages: the live ones from the stream, the past ones for a client that asks for a replay.
import type { Sql } from "postgres";
import type { Row } from "./changes-filter.ts";
import { Refusal } from "./identity.ts";
import { MAX_REPLAYED_MESSAGES } from "./limits.ts";
import { type BroadcastBody, isRecord, OutgoingBroadcast } from "./protocol.ts";

/** A streamed row of realtime.messages as a broadcast, or undefined for a row that is none. */
export function broadcastOf(row: Row): { topic: string; isPrivate: boolean; message: OutgoingBroadcast } | undefined {
  if (row.extension !== "broadcast" || !row.event || !row.topic || !row.id) return undefined;
  const topic = `realtime:${row.topic}`;
  const body: BroadcastBody = row.binary_payload
    ? { json: false, bytes: Buffer.from(row.binary_payload.slice(2), "hex") }
    : { json: true, bytes: Buffer.from(row.payload ?? "{}") };
  return { topic, isPrivate: row.private === "t", message: new OutgoingBroadcast(topic, row.event, body, { id: row.id }) };
}

export type Replay = { since: number; limit: number };

/** Reads `config.broadcast.replay` of a join; `since` in milliseconds since 1970. Throws a Refusal when it makes no sense. */
export function parseReplay(value: unknown, isPrivate: boolean): Replay | undefined {
  if (!isRecord(value)) return undefined;
  if (!isPrivate) throw new Refusal("UnableToReplayMessages: Replay is not allowed for public channels");
  const { since, limit = MAX_REPLAYED_MESSAGES } = value;
  if (!Number.isSafeInteger(since) || !Number.isSafeInteger(limit) || Number(limit) < 1) {
    throw new Refusal("UnableToReplayMessages: Replay params are not valid");
  }
  return { since: Number(since), limit: Math.min(Number(limit), MAX_REPLAYED_MESSAGES) };
}

/** The latest broadcasts of a private topic since then, oldest first. */
export async function readReplay(sql: Sql, name: string, { since, limit }: Replay): Promise<OutgoingBroadcast[]> {
  const rows = await sql<{ id: string; event: string; payload: string | null; binary_payload: Buffer | null }[]>`
    select id, event, payload::text, binary_payload from realtime.messages
    where topic = ${name} and private and extension = 'broadcast' and event is not null
      and inserted_at >= to_timestamp(${since} / 1000.0) at time zone 'utc'
    order by inserted_at desc limit ${limit}`;
  return rows.reverse().map(({ id, event, payload, binary_payload: binary }) => {
    const body = binary ? { json: false, bytes: binary } : { json: true, bytes: Buffer.from(payload ?? "{}") };
    return new OutgoingBroadcast(`realtime:${name}`, event, body, { id, replayed: true });
  });
}
