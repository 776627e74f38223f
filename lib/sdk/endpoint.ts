import { anthropicMessagesReader } from "./anthropic-messages.ts";
import { geminiReader } from "./gemini.ts";
import { openAiAudioReader } from "./openai-audio.ts";
import { openAiChatReader } from "./openai-chat.ts";
import { openAiImagesReader } from "./openai-images.ts";
import { openAiResponsesReader } from "./openai-responses.ts";
import type { Reader } from "./reader.ts";

/** A kind of call that is metered. */
export type Endpoint = {
  name: string;
  createReader: () => Reader;
  /** The stream tells its usage only when asked to. */
  mustAskForUsage?: true;
  /** The address asks for a stream, not the request. */
  isStream?: true;
  /** Goes in or comes out is sound, pictures or numbers: no length of a text tells how much. */
  isUncountable?: true;
};

const images: Endpoint = { name: "images", createReader: openAiImagesReader, isUncountable: true };
const audio: Endpoint = { name: "audio", createReader: openAiAudioReader, isUncountable: true };
const messages: Endpoint = { name: "messages", createReader: anthropicMessagesReader };
const content: Endpoint = { name: "generate_content", createReader: geminiReader };
const vectors: Endpoint = { name: "embeddings", createReader: geminiReader, isUncountable: true };

const ENDPOINTS: [RegExp, Endpoint][] = [
  [/\/chat\/completions$/, { name: "chat.completions", createReader: openAiChatReader, mustAskForUsage: true }],
  [/\/completions$/, { name: "completions", createReader: openAiChatReader, mustAskForUsage: true }],
  [/\/responses$/, { name: "responses", createReader: openAiResponsesReader }],
  [/\/embeddings$/, { name: "embeddings", createReader: openAiChatReader }],
  [/\/images\/(generations|edits|variations)$/, images],
  [/\/audio\/(transcriptions|translations|speech)$/, audio],
  [/\/v1\/messages$/, messages],
  [/\/publishers\/anthropic\/models\/[^/:]+:rawPredict$/, messages],
  [/\/publishers\/anthropic\/models\/[^/:]+:streamRawPredict$/, { ...messages, isStream: true }],
  [/:generateContent$/, content],
  [/:streamGenerateContent$/, { ...content, isStream: true }],
  [/:(embedContent|batchEmbedContents)$/, vectors],
  [/\/models\/[^/:]*embedding[^/:]*:predict$/, vectors],
  [/\/models\/imagen[^/:]*:predict$/, { ...vectors, name: "images" }],
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

/** The model, or the deployment, where the address names it. */
export function modelIn(url: URL): string | undefined {
  const name = /\/(?:models|deployments|endpoints)\/([^/:]+)/.exec(url.pathname)?.[1];
  return name === undefined ? undefined : decodeURIComponent(name);
}

/** The region, where the address names it. */
export const regionIn = (url: URL): string | undefined => /\/locations\/([\w-]+)\//.exec(url.pathname)?.[1];

/**
 * The vendor behind an address. An unknown host is reported by its own name and not taken for the vendor whose format it speaks:
 * a price that might be wrong is worse than none. `wrap(client, { provider })` says what it is.
 */
export function providerOf(url: URL): string {
  const { hostname } = url;
  // Regional hosts of Vertex are named in front: us-central1-aiplatform.googleapis.com, aiplatform.eu.rep.googleapis.com.
  if (/(^|[.-])aiplatform\.([\w-]+\.rep\.)?googleapis\.com$/.test(hostname)) return "google-vertex";
  const known = Object.entries(PROVIDERS).find(([host]) => hostname === host || hostname.endsWith(`.${host}`));
  return known?.[1] ?? hostname;
}
