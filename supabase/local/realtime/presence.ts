// Who is present on a topic, as Phoenix Presence tells it: a state on joining, then differences.
import { randomUUID } from "node:crypto";
import type { Channel, PresenceMeta } from "./channel.ts";
import type { Hub } from "./hub.ts";

type Metas = Record<string, { metas: PresenceMeta[] }>;

/** Everybody present, by key; one key may be present several times (two tabs of one user). */
export function presenceState(hub: Hub, of: Channel): Metas {
  const state: Metas = Object.create(null);
  for (const channel of hub.members(of.topic, of.options.isPrivate)) {
    if (!channel.presence) continue;
    const key = channel.options.presenceKey;
    state[key] = { metas: [...(state[key]?.metas ?? []), channel.presence] };
  }
  return state;
}

export function track(hub: Hub, channel: Channel, payload: Record<string, unknown>): void {
  const previous = channel.presence;
  channel.presenceEnabled = true;
  channel.presence = { ...payload, phx_ref: randomUUID(), ...(previous && { phx_ref_prev: previous.phx_ref }) };
  announce(hub, channel, [channel.presence], previous ? [previous] : []);
}

export function untrack(hub: Hub, channel: Channel): void {
  if (!channel.presence) return;
  const left = channel.presence;
  channel.presence = undefined;
  announce(hub, channel, [], [left]);
}

function announce(hub: Hub, channel: Channel, joined: PresenceMeta[], left: PresenceMeta[]): void {
  const metas = (list: PresenceMeta[]): Metas => (list.length > 0 ? { [channel.options.presenceKey]: { metas: list } } : {});
  const difference = { joins: metas(joined), leaves: metas(left) };
  for (const member of hub.members(channel.topic, channel.options.isPrivate)) {
    if (member.canReadPresence) member.push("presence_diff", difference);
  }
}
