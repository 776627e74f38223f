// One client's membership of one topic.
import type { Permissions } from "./authorization.ts";
import type { Subscription } from "./changes-subscription.ts";
import type { Identity } from "./identity.ts";
import { encodeFrame, type OutgoingBroadcast, type Version } from "./protocol.ts";

/** The socket as a channel sees it. */
export type Peer = { readonly version: Version; send: (data: string | Buffer) => void };

export type PresenceMeta = Record<string, unknown> & { phx_ref: string };

export type JoinOptions = {
  isPrivate: boolean;
  /** The client wants its own broadcasts back. */
  receivesOwn: boolean;
  /** The client wants a reply to each broadcast. */
  acknowledges: boolean;
  presenceEnabled: boolean;
  presenceKey: string;
};

const LONGEST_TIMER_MS = 2 ** 31 - 1;

export class Channel {
  readonly topic: string;
  readonly joinRef: string | null;
  readonly options: JoinOptions;
  /** Ids of replayed messages, which the live stream must not deliver again. */
  readonly replayedIds = new Set<string>();
  readonly peer: Peer;
  identity: Identity;
  token: string | undefined;
  /** Undefined on a public channel, where everybody may. */
  read: Permissions | undefined;
  /** Asked on first use; forgotten whenever the token changes or the read policy is asked again. */
  write: Permissions | undefined;
  subscriptions: Subscription[] = [];
  presence: PresenceMeta | undefined;
  presenceEnabled: boolean;
  #expiry: NodeJS.Timeout | undefined;

  constructor(peer: Peer, topic: string, joinRef: string | null, options: JoinOptions, identity: Identity) {
    this.peer = peer;
    this.topic = topic;
    this.joinRef = joinRef;
    this.options = options;
    this.presenceEnabled = options.presenceEnabled;
    this.identity = identity;
  }

  /** The topic as applications and policies name it. */
  get name(): string {
    return this.topic.slice("realtime:".length);
  }

  get canReadBroadcast(): boolean {
    return this.read?.broadcast ?? true;
  }

  get canReadPresence(): boolean {
    return this.presenceEnabled && (this.read?.presence ?? true);
  }

  reply(ref: string | null, status: "ok" | "error", response: unknown = {}): void {
    this.#send(this.joinRef, ref, "phx_reply", { status, response });
  }

  /** A message of the server itself: it carries the channel's join reference. */
  control(event: string, payload: unknown = {}): void {
    this.#send(this.joinRef, null, event, payload);
  }

  push(event: string, payload: unknown): void {
    this.#send(null, null, event, payload);
  }

  system(extension: "system" | "postgres_changes", status: "ok" | "error", message: string): void {
    this.control("system", { extension, status, message, channel: this.name });
  }

  deliver(broadcast: OutgoingBroadcast): void {
    if (broadcast.id !== undefined && this.replayedIds.delete(broadcast.id)) return;
    this.peer.send(broadcast.frame(this.peer.version));
  }

  /** Calls back when the token expires; a new token re-arms it. */
  armExpiry(onExpired: () => void): void {
    clearTimeout(this.#expiry);
    const left = Math.max(0, this.identity.claims.exp * 1000 - Date.now());
    this.#expiry = setTimeout(onExpired, Math.min(left, LONGEST_TIMER_MS)).unref();
  }

  disarm(): void {
    clearTimeout(this.#expiry);
  }

  #send(joinRef: string | null, ref: string | null, event: string, payload: unknown): void {
    this.peer.send(encodeFrame(this.peer.version, { joinRef, ref, topic: this.topic, event, payload }));
  }
}
