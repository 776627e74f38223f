import type { CallMetadata } from "./metadata.ts";
import { ATTEMPT, type Attempt, type Fetch, type Metering, meteredFetch } from "./metered-fetch.ts";

/** What a client must offer: a copy of itself with another `fetch`. The official clients do. */
export type WrappableClient = { withOptions(options: { fetch?: Fetch }): object };

export type WrapOptions = CallMetadata & {
  /** The vendor behind the client's address, where the address does not say it (a proxy, a server of one's own). */
  provider?: string;
};

type Hooked = {
  fetch?: unknown;
  prepareRequest?: (request: RequestInit, context: { url: string; options: object }) => Promise<void>;
};

const metered = new WeakSet<object>();

/** Wrapping twice meters once. */
export function wrapClient<Client extends WrappableClient>(client: Client, metering: Metering): Client {
  if (metered.has(client)) return client;
  const inner = (client as Hooked).fetch;
  const base: Fetch = typeof inner === "function" ? (inner as Fetch) : (input, init) => fetch(input, init);
  const wrapped = client.withOptions({ fetch: meteredFetch(base, metering) }) as Client;
  linkAttempts(wrapped as Hooked, client as Hooked);
  metered.add(wrapped);
  return wrapped;
}

/**
 * The clients repeat a failed call by themselves. They hand the options of the call, one object for all its attempts, to a hook that
 * may change the request: a mark left there tells which attempts belong together.
 */
function linkAttempts(client: Hooked, original: Hooked): void {
  const previous = original.prepareRequest;
  if (typeof previous !== "function") return;
  const operations = new WeakMap<object, string>();
  client.prepareRequest = async (request, context) => {
    await previous.call(client, request, context);
    const operationId = operations.get(context.options) ?? crypto.randomUUID();
    operations.set(context.options, operationId);
    const { signal } = context.options as { signal?: AbortSignal };
    const attempt: Attempt = { operationId, signal };
    Object.assign(request, { [ATTEMPT]: attempt });
  };
}
