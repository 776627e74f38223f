// Bounds of the server. They follow the hosted service's defaults where it has one.

/** Largest frame a client may send and largest broadcast, in bytes. */
export const MAX_PAYLOAD_BYTES = 3_000_000;
export const MAX_CHANNELS_PER_CONNECTION = 100;
/** Frames of one client waiting to be handled before its socket is paused. */
export const MAX_PENDING_FRAMES = 200;
/** Bytes waiting for a slow reader before it is cut off; it reconnects and reads the current state. */
export const MAX_BUFFERED_BYTES = 16_000_000;
/** A client sends a heartbeat every 25 s; one that is silent this long is gone. */
export const IDLE_TIMEOUT_MS = 60_000;
/** Private channels are asked again whether they may still be read at this interval, so a removed member is out well within a minute. */
export const RECHECK_INTERVAL_MS = 20_000;
export const MAINTENANCE_INTERVAL_MS = 3_600_000;
export const MAX_REPLAYED_MESSAGES = 25;
/** Above this a row change is sent without its large columns and with an error, in bytes of JSON. */
export const MAX_CHANGE_BYTES = 1_000_000;
export const MAX_CHANGES_PER_BATCH = 500;
/** Row changes of this long are checked together: many small commits cost one question per person instead of one each. As upstream. */
export const CHANGES_WINDOW_MS = 100;
