// Who is on which topic. A private and a public channel of the same name are two different rooms.
import type { Channel } from "./channel.ts";
import type { OutgoingBroadcast } from "./protocol.ts";

export class Hub {
  readonly #rooms = new Map<string, Set<Channel>>();

  add(channel: Channel): void {
    const key = roomKey(channel.topic, channel.options.isPrivate);
    const room = this.#rooms.get(key);
    if (room) room.add(channel);
    else this.#rooms.set(key, new Set([channel]));
  }

  remove(channel: Channel): void {
    const key = roomKey(channel.topic, channel.options.isPrivate);
    const room = this.#rooms.get(key);
    room?.delete(channel);
    if (room?.size === 0) this.#rooms.delete(key);
  }

  has(channel: Channel): boolean {
    return this.#rooms.get(roomKey(channel.topic, channel.options.isPrivate))?.has(channel) ?? false;
  }

  members(topic: string, isPrivate: boolean): Iterable<Channel> {
    return this.#rooms.get(roomKey(topic, isPrivate)) ?? [];
  }

  *all(): Iterable<Channel> {
    for (const room of this.#rooms.values()) yield* room;
  }

  broadcast(topic: string, isPrivate: boolean, message: OutgoingBroadcast, except?: Channel): void {
    for (const channel of this.members(topic, isPrivate)) {
      if (channel !== except && channel.canReadBroadcast) channel.deliver(message);
    }
  }
}

const roomKey = (topic: string, isPrivate: boolean): string => `${isPrivate ? "private" : "public"} ${topic}`;
