import { anthropicMessagesReader } from "./anthropic-messages.ts";
import { openAiChatReader } from "./openai-chat.ts";
import { openAiResponsesReader } from "./openai-responses.ts";
import type { Reader } from "./reader.ts";

/** A kind of call that is metered. */
export type Endpoint = {
  name: string;
  createReader: () => Reader;
  /** The stream tells its usage only when asked to. */
  mustAskForUsage?: true;
};

const ENDPOINTS: [RegExp, Endpoint][] = [
  [/\/chat\/completions$/, { name: "chat.completions", createReader: openAiChatReader, mustAskForUsage: true }],
  [/\/completions$/, { name: "completions", createReader: openAiChatReader, mustAskForUsage: true }],
  [/\/responses$/, { name: "responses", createReader: openAiResponsesReader }],
  [/\/embeddings$/, { name: "embeddings", createReader: openAiChatReader }],
  [/\/v1\/messages$/, { name: "messages", createReader: anthropicMessagesReader }],
];

/** Hosts of vendors under their canonical names; a subdomain counts. */
const PROVIDERS: Record<string, string> = {
  "api.openai.com": "openai",
  "openai.azure.com": "azure",
  "cognitiveservices.azure.com": "azure",
  "services.ai.azure.com": "azure",
  "api.anthropic.com": "anthropic",
  "api.deepseek.com": "deepseek",
  "api.x.ai": "x-ai",
  "api.groq.com": "groq",
  "api.mistral.ai": "mistral",
  "openrouter.ai": "openrouter",
  "api.together.xyz": "together",
  "api.together.ai": "together",
  "api.fireworks.ai": "fireworks",
  "api.perplexity.ai": "perplexity",
  "api.cerebras.ai": "cerebras",
  "generativelanguage.googleapis.com": "google",
};

export function findEndpoint(method: string, url: URL): Endpoint | undefined {
  if (method !== "POST") return undefined;
  return ENDPOINTS.find(([pattern]) => pattern.test(url.pathname))?.[1];
}

/**
 * The vendor behind an address. An unknown host is reported by its own name and not taken for the vendor whose format it speaks:
 * a price that might be wrong is worse than none. `wrap(client, { provider })` says what it is.
 */
export function providerOf(url: URL): string {
  const known = Object.entries(PROVIDERS).find(([host]) => url.hostname === host || url.hostname.endsWith(`.${host}`));
  return known?.[1] ?? url.hostname;
}
