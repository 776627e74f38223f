// Joining a channel: who is it, may they read it, what do they want to hear.
import { randomUUID } from "node:crypto";
import { readPermissions, sqlStateOf } from "./authorization.ts";
import { parseReplay, type Replay } from "./broadcasts.ts";
import { parseSubscriptions } from "./changes-subscription.ts";
import { Channel, type Peer } from "./channel.ts";
import type { Realtime } from "./context.ts";
import { identify, Refusal } from "./identity.ts";
import { type Frame, isRecord } from "./protocol.ts";

export type Caller = Peer & { readonly key: string; readonly headers: Record<string, string> };

/** A channel nobody is on yet, with what it asked for; throws a Refusal worded for the client. */
export async function prepareJoin(
  realtime: Realtime,
  caller: Caller,
  { topic, joinRef, payload }: Frame,
): Promise<{ channel: Channel; replay: Replay | undefined; wantsReady: boolean }> {
  if (!topic.startsWith("realtime:") || topic === "realtime:") throw new Refusal("TopicNameRequired: You must provide a topic name");
  const config = isRecord(payload.config) ? payload.config : {};
  const broadcast = isRecord(config.broadcast) ? config.broadcast : {};
  const presence = isRecord(config.presence) ? config.presence : {};
  const token = textOf(payload.access_token) ?? textOf(payload.user_token);
  const options = {
    isPrivate: config.private === true,
    receivesOwn: broadcast.self === true,
    acknowledges: broadcast.ack === true,
    presenceEnabled: presence.enabled === true,
    presenceKey: textOf(presence.key) ?? randomUUID(),
  };
  const identity = { claims: await identify(realtime.checks, token, caller.key), headers: caller.headers };
  const channel = new Channel(caller, topic, joinRef, options, identity);
  channel.token = token;
  const replay = parseReplay(broadcast.replay, options.isPrivate);
  await authorizeReading(realtime, channel);
  try {
    channel.subscriptions = parseSubscriptions(config.postgres_changes);
  } catch (error) {
    throw new Refusal(`RealtimeDisabledForConfiguration: ${error instanceof Error ? error.message : error}`);
  }
  return { channel, replay, wantsReady: broadcast.replication_ready === true };
}

/** Asks the read policy again and keeps the answer on the channel; throws a Refusal when nothing may be read. */
export async function authorizeReading(realtime: Realtime, channel: Channel): Promise<void> {
  if (!channel.options.isPrivate) return;
  const [read] = await readPermissions(realtime.sql, [{ identity: channel.identity, topic: channel.name }]).catch((error: unknown) => {
    realtime.log("a policy on realtime.messages failed", error);
    throw new Refusal(
      sqlStateOf(error)
        ? `Unauthorized: You do not have permissions to read from this Channel topic: ${channel.name}`
        : "UnableToConnectToProject: Realtime was unable to connect to the project database",
    );
  });
  if (!read?.broadcast && !read?.presence) {
    throw new Refusal(`Unauthorized: You do not have permissions to read from this Channel topic: ${channel.name}`);
  }
  channel.read = read;
  channel.write = undefined;
}

const textOf = (value: unknown): string | undefined => (typeof value === "string" && value !== "" ? value : undefined);
