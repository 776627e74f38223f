// One websocket: its channels, and what the client asks of them. Frames of one connection are handled strictly in order.
import { writePermissions } from "./authorization.ts";
import { readReplay } from "./broadcasts.ts";
import { findObstacle } from "./changes-subscription.ts";
import type { Channel } from "./channel.ts";
import { leave, type Realtime, shutDown } from "./context.ts";
import { identify, Refusal } from "./identity.ts";
import { authorizeReading, type Caller, prepareJoin } from "./join.ts";
import { MAX_CHANNELS_PER_CONNECTION } from "./limits.ts";
import { presenceState, track, untrack } from "./presence.ts";
import { encodeFrame, type Frame, isRecord, jsonBody, OutgoingBroadcast } from "./protocol.ts";

export class Connection {
  readonly #realtime: Realtime;
  readonly #caller: Caller;
  readonly #channels = new Map<string, Channel>();

  constructor(realtime: Realtime, caller: Caller) {
    this.#realtime = realtime;
    this.#caller = caller;
  }

  async handle(frame: Frame): Promise<void> {
    const { topic, event, ref } = frame;
    if (topic === "phoenix" && event === "heartbeat") return this.#answer(frame, "ok", {});
    if (event === "phx_join") return this.#join(frame);
    const channel = this.#channels.get(topic);
    if (!channel || !this.#isOpen(channel)) return this.#answer(frame, "error", { reason: "unmatched topic" });
    if (event === "phx_leave") {
      this.#drop(channel);
      channel.reply(ref, "ok");
      return channel.control("phx_close");
    }
    if (event === "access_token") return this.#refresh(channel, frame.payload.access_token);
    if (event === "broadcast") return this.#broadcast(channel, frame);
    if (event === "presence") return this.#presence(channel, frame);
  }

  close(): void {
    for (const channel of this.#channels.values()) leave(this.#realtime, channel);
    this.#channels.clear();
  }

  async #join(frame: Frame): Promise<void> {
    const { topic, ref } = frame;
    const previous = this.#channels.get(topic);
    if (previous && this.#isOpen(previous)) {
      this.#drop(previous);
      previous.control("phx_close");
    }
    const { hub, sql } = this.#realtime;
    for (const [name, channel] of this.#channels) if (!this.#isOpen(channel)) this.#channels.delete(name);
    try {
      if (this.#channels.size >= MAX_CHANNELS_PER_CONNECTION) throw new Refusal("ChannelRateLimitReached: Too many channels");
      const { channel, replay, wantsReady } = await prepareJoin(this.#realtime, this.#caller, frame);
      const replayed = replay ? await readReplay(sql, channel.name, replay) : [];
      this.#channels.set(topic, channel);
      hub.add(channel);
      this.#armExpiry(channel);
      channel.reply(ref, "ok", { postgres_changes: channel.subscriptions.map(({ id, binding }) => ({ id, ...binding })) });
      if (channel.canReadPresence) channel.control("presence_state", presenceState(hub, channel));
      for (const message of replayed) {
        channel.deliver(message);
        if (message.id !== undefined) channel.replayedIds.add(message.id);
      }
      await this.#announceSubscriptions(channel);
      if (wantsReady) channel.system("system", "ok", "Replication connection established");
    } catch (error) {
      if (!(error instanceof Refusal)) this.#realtime.log("a channel could not be joined", error);
      this.#answer(frame, "error", { reason: error instanceof Refusal ? error.message : "Unknown Error on Channel" });
    }
  }

  async #announceSubscriptions(channel: Channel): Promise<void> {
    if (channel.subscriptions.length === 0) return;
    const obstacle = await findObstacle(this.#realtime.sql, channel.identity.claims.role, channel.subscriptions);
    if (obstacle) channel.system("postgres_changes", "error", obstacle);
    else channel.system("postgres_changes", "ok", "Subscribed to PostgreSQL");
  }

  /** A new token for an open channel: what the old one allowed is forgotten and asked again. */
  async #refresh(channel: Channel, token: unknown): Promise<void> {
    if (typeof token !== "string" || token.startsWith("sb_") || token === channel.token) return;
    try {
      channel.identity = { ...channel.identity, claims: await identify(this.#realtime.checks, token, this.#caller.key) };
      channel.token = token;
      await authorizeReading(this.#realtime, channel).catch((error: unknown) => {
        if (!(error instanceof Refusal) || !error.message.startsWith("Unauthorized")) throw error;
        throw new Refusal(`You no longer have permission to read from this Channel topic: ${channel.name}`);
      });
      this.#armExpiry(channel);
      await this.#announceSubscriptions(channel);
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      this.#channels.delete(channel.topic);
      shutDown(this.#realtime, channel, error.message.replace(/^InvalidJWTToken: /, ""));
    }
  }

  async #broadcast(channel: Channel, { ref, payload, body }: Frame): Promise<void> {
    // A refused broadcast is not answered: the sender's acknowledgement times out, as on the hosted service.
    if (typeof payload.event !== "string" || !(await this.#mayWrite(channel, "broadcast"))) return;
    const message = new OutgoingBroadcast(channel.topic, payload.event, body ?? jsonBody(payload.payload));
    const { isPrivate, receivesOwn, acknowledges } = channel.options;
    this.#realtime.hub.broadcast(channel.topic, isPrivate, message, receivesOwn ? undefined : channel);
    if (acknowledges) channel.reply(ref, "ok");
  }

  async #presence(channel: Channel, { ref, payload }: Frame): Promise<void> {
    const event = typeof payload.event === "string" ? payload.event.toLowerCase() : "";
    if (event === "untrack") untrack(this.#realtime.hub, channel);
    else if (event === "track") {
      if (!(await this.#mayWrite(channel, "presence"))) return channel.reply(ref, "error", { reason: "unauthorized" });
      if (payload.payload !== undefined && !isRecord(payload.payload)) {
        return channel.reply(ref, "error", { reason: "Presence track payload must be a map" });
      }
      track(this.#realtime.hub, channel, payload.payload ?? {});
    }
    channel.reply(ref, "ok");
  }

  async #mayWrite(channel: Channel, extension: "broadcast" | "presence"): Promise<boolean> {
    if (!channel.options.isPrivate) return true;
    channel.write ??= await writePermissions(this.#realtime.sql, { identity: channel.identity, topic: channel.name });
    return channel.write[extension];
  }

  #armExpiry(channel: Channel): void {
    channel.armExpiry(() => {
      if (channel.identity.claims.exp * 1000 > Date.now()) return this.#armExpiry(channel);
      this.#channels.delete(channel.topic);
      shutDown(this.#realtime, channel, "Token has expired");
    });
  }

  #drop(channel: Channel): void {
    this.#channels.delete(channel.topic);
    leave(this.#realtime, channel);
  }

  /** The server may have ended the channel itself since. */
  #isOpen(channel: Channel): boolean {
    return this.#realtime.hub.has(channel);
  }

  #answer({ joinRef, ref, topic }: Frame, status: "ok" | "error", response: unknown): void {
    this.#caller.send(encodeFrame(this.#caller.version, { joinRef, ref, topic, event: "phx_reply", payload: { status, response } }));
  }
}
