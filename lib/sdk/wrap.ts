import { type GenAIClient, isGenAI, wrapGenAI } from "./genai.ts";
import type { CallMetadata } from "./metadata.ts";
import { ATTEMPT, type Attempt, meteredFetch } from "./metered-fetch.ts";
import type { Fetch, Metering } from "./metering.ts";
import { isSmithy, type SmithyClient, wrapSmithy } from "./smithy.ts";

/** A client that makes a copy of itself with another `fetch`: `OpenAI`, `Anthropic` and those built like them. */
type FetchingClient = { withOptions(options: { fetch?: Fetch }): object };

/** `OpenAI`, `Anthropic`, `GoogleGenAI` or `BedrockRuntimeClient` of the official packages, or a client built like one of them. */
export type WrappableClient = FetchingClient | GenAIClient | SmithyClient;

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
  const wrapped = copyOf(client, metering);
  metered.add(wrapped);
  return wrapped as Client;
}

function copyOf(client: WrappableClient, metering: Metering): object {
  if ("withOptions" in client) return wrapFetching(client, metering);
  if (isGenAI(client)) return wrapGenAI(client, metering);
  if (isSmithy(client)) return wrapSmithy(client, metering);
  throw new TypeError("TokenTRA can wrap clients of openai, @anthropic-ai/sdk, @google/genai and @aws-sdk/client-bedrock-runtime");
}

function wrapFetching(client: FetchingClient, metering: Metering): object {
  const inner = (client as Hooked).fetch;
  const base: Fetch = typeof inner === "function" ? (inner as Fetch) : (input, init) => fetch(input, init);
  const wrapped = client.withOptions({ fetch: meteredFetch(base, metering) });
  linkAttempts(wrapped as Hooked, client as Hooked);
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
