/** The calls that `npm run bench:sdk` compares: each once with the client alone, once wrapped. */
import { createOpenAI } from "@ai-sdk/openai";
import Anthropic from "@anthropic-ai/sdk";
import { BedrockRuntimeClient, ConverseCommand } from "@aws-sdk/client-bedrock-runtime";
import { GoogleGenAI } from "@google/genai";
import { generateText, wrapLanguageModel } from "ai";
import OpenAI from "openai";
import { TokenTRA } from "../../lib/sdk/client.ts";
import { diskSpool } from "../../lib/sdk/node/disk-spool.ts";

export type Pair = { name: string; plain: () => Promise<unknown>; wrapped: () => Promise<unknown> };
type Addresses = { http: string; http2: string };

const messages = [{ role: "user" as const, content: "What is the capital of France? ".repeat(40) }];
const model = "gpt-4.1";

export function createCalls({ http, http2 }: Addresses, directory: string): { pairs: Pair[]; tokentras: TokenTRA[] } {
  const options = { apiKey: "k", baseUrl: http, maxBatchEvents: 5_000, maxQueueEvents: 1_000_000, maxQueueBytes: 1_000_000_000 };
  const tokentra = new TokenTRA(options);
  const spooled = new TokenTRA({ ...options, spool: diskSpool({ directory }) });

  const openai = new OpenAI({ apiKey: "k", baseURL: `${http}/v1`, maxRetries: 0 });
  const streaming = new OpenAI({ apiKey: "k", baseURL: `${http}/stream/v1`, maxRetries: 0 });
  const anthropic = new Anthropic({ apiKey: "k", baseURL: http, maxRetries: 0 });
  const genai = new GoogleGenAI({ apiKey: "k", httpOptions: { baseUrl: http } });
  const credentials = { accessKeyId: "a", secretAccessKey: "s" };
  const bedrock = new BedrockRuntimeClient({ region: "us-east-1", endpoint: http2, credentials, maxAttempts: 1 });
  const chatModel = createOpenAI({ apiKey: "k", baseURL: `${http}/v1` }).chat(model);

  const pair = <Client>(name: string, client: Client, wrapped: Client, call: (client: Client) => Promise<unknown>): Pair => ({
    name,
    plain: () => call(client),
    wrapped: () => call(wrapped),
  });
  const chat = (client: OpenAI) => client.chat.completions.create({ model, messages });
  const inContext = tokentra.wrap(openai);
  const pairs = [
    pair("openai, chat", openai, tokentra.wrap(openai), chat),
    pair("openai, chat as a stream", streaming, tokentra.wrap(streaming), async (client) => {
      for await (const _chunk of await client.chat.completions.create({ model, messages, stream: true }));
    }),
    pair("anthropic, messages", anthropic, tokentra.wrap(anthropic), (client) =>
      client.messages.create({ model: "claude-opus-4-5", max_tokens: 9, messages }),
    ),
    pair("genai, generateContent", genai, tokentra.wrap(genai), (client) =>
      client.models.generateContent({ model: "gemini-2.5-flash", contents: messages[0]!.content }),
    ),
    pair("bedrock, Converse", bedrock, tokentra.wrap(bedrock), (client) =>
      client.send(new ConverseCommand({ modelId: "m", messages: [{ role: "user", content: [{ text: messages[0]!.content }] }] })),
    ),
    pair("ai, generateText", chatModel, wrapLanguageModel({ model: chatModel, middleware: tokentra.middleware() }), (language) =>
      generateText({ model: language, messages, maxRetries: 0 }),
    ),
    {
      name: "openai, chat, in a context",
      plain: () => chat(openai),
      wrapped: () => tokentra.with({ feature: "f" }, () => chat(inContext)),
    },
    pair("openai, chat, spooled to disk", openai, spooled.wrap(openai), chat),
  ];
  return { pairs, tokentras: [tokentra, spooled] };
}
