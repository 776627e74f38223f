import type { Batches } from "./batch.ts";
import type { Call } from "./call.ts";
import type { WireEvent } from "./event.ts";
import type { CallMetadata } from "./metadata.ts";

export type Fetch = (input: string | URL | Request, init?: RequestInit) => Promise<Response>;

/** What metering one client needs. */
export type Metering = {
  /** What calls are for at this moment: defaults and context. */
  metadata: () => CallMetadata;
  /** The vendor, where the address does not say it. */
  provider: string | undefined;
  record: (event: WireEvent) => void;
  onError: (error: unknown) => void;
  /** Responses that run in the background, by id, until they are fetched complete. */
  background: Map<string, Call>;
  batches: Batches;
};

/** Records what a call comes to. A failure of our own is told to `onError` and never to the caller. */
export function report(metering: Pick<Metering, "record" | "onError">, event: () => WireEvent | undefined): void {
  try {
    const made = event();
    if (made) metering.record(made);
  } catch (error) {
    metering.onError(error);
  }
}
