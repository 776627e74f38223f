// What every part of the server shares.
import type { Sql } from "postgres";
import type { Channel } from "./channel.ts";
import type { Hub } from "./hub.ts";
import type { TokenChecks } from "./identity.ts";
import type { Log } from "./log.ts";
import { untrack } from "./presence.ts";

export type Realtime = {
  /** A pool that may take any role: authorization probes and visibility checks run in it. */
  sql: Sql;
  hub: Hub;
  checks: TokenChecks;
  log: Log;
};

/** Takes a channel off its topic; everybody else present is told. */
export function leave({ hub }: Realtime, channel: Channel): void {
  channel.disarm();
  hub.remove(channel);
  untrack(hub, channel);
}

/** Ends a channel by the server's decision and says why. */
export function shutDown(realtime: Realtime, channel: Channel, reason: string): void {
  channel.system("system", "error", reason);
  leave(realtime, channel);
  channel.control("phx_close");
}
