import { anthropicMessagesReader } from "./anthropic-messages.ts";
import { conversedUsage, converseReader } from "./bedrock-converse.ts";
import type { Usage } from "./event.ts";
import { countIn, isJson, type Json, listIn, objectIn, parseJson, textIn } from "./json.ts";
import { openAiChatReader } from "./openai-chat.ts";
import { contradicts, type Reader, type Reading } from "./reader.ts";

/** A command of the Bedrock runtime that asks a model. */
type Command = {
  name: string;
  createReader: () => Reader;
  /** The field of its output that is a stream. */
  stream?: string;
  promptOf: (input: Json) => Json;
};

const asGiven = (input: Json): Json => input;
const converse = { name: "converse", createReader: converseReader, promptOf: asGiven };
const invoke = { name: "invoke_model", createReader: invokedReader, promptOf: bodyOf };

const COMMANDS: Record<string, Command> = {
  ConverseCommand: converse,
  ConverseStreamCommand: { ...converse, stream: "stream" },
  InvokeModelCommand: invoke,
  InvokeModelWithResponseStreamCommand: { ...invoke, stream: "body" },
};

export const bedrockCommand = (name: string | undefined): Command | undefined => COMMANDS[name ?? ""];

/**
 * `InvokeModel`: the reply is what the model's own vendor answers, in bytes. Messages of Anthropic and chats in OpenAI's format are
 * read as such; for all others the counts are in the reply under the names of their family, or in Bedrock's own headers and metrics.
 */
function invokedReader(): Reader {
  const own: Reading = { outputCharacters: 0, isComplete: false };
  let vendor: Reader | undefined;
  let headers: Json = {};
  let tier: string | undefined;

  const begin = (data: unknown): void => {
    headers = objectIn(data, "headers") ?? {};
    const output = objectIn(data, "output");
    // Lower latency has a price of its own.
    const latency = textIn(output, "performanceConfigLatency");
    tier = latency === "optimized" ? latency : (textIn(output, "serviceTier") ?? textIn(headers, "x-amzn-bedrock-service-tier"));
  };

  const readPart = (part: unknown): boolean => {
    const { length, isLast } = familyOutput(part);
    own.outputCharacters += length;
    own.isComplete ||= isLast;
    const raw = familyUsage(part);
    if (raw) {
      own.rawUsage = { ...own.rawUsage, ...raw };
      own.usage = { ...own.usage, ...invokedUsage(own.rawUsage) };
      own.isPartial = contradicts(own.usage);
    }
    return length > 0;
  };

  return {
    get normalizer() {
      return vendor ? `bedrock-${vendor.normalizer}` : "bedrock-invoke@1";
    },
    readBody(data) {
      begin(data);
      const body = parseJson(textOf(objectIn(data, "output")?.body));
      vendor = vendorReader(body);
      vendor?.readBody(body);
      readPart(body);
      own.isComplete = true;
    },
    readEvent(data) {
      if (isJson(data) && "output" in data) {
        begin(data);
        return { hasOutput: false, isUsageOnly: false };
      }
      const failure = isJson(data) ? Object.keys(data).find((key) => key.endsWith("Exception")) : undefined;
      if (failure) own.errorCode = failure;
      const part = parseJson(textOf(objectIn(data, "chunk")?.bytes));
      vendor ??= vendorReader(part);
      const read = vendor?.readEvent(part);
      const hasOutput = readPart(part);
      return { hasOutput: hasOutput || read?.hasOutput === true, isUsageOnly: false };
    },
    reading() {
      const { model: _served, serviceTier: _tier, ...told } = vendor?.reading() ?? own;
      const merged: Reading = { ...told, isComplete: told.isComplete || own.isComplete, ...(tier && { serviceTier: tier }) };
      if (own.errorCode) merged.errorCode = own.errorCode;
      if (told.usage?.input_tokens !== undefined && told.usage.output_tokens !== undefined) return merged;
      // What the reply does not tell, Bedrock's metrics or headers may.
      const counted = own.usage?.input_tokens !== undefined ? own : { usage: headerUsage(headers), rawUsage: rawHeaders(headers) };
      return counted.usage?.input_tokens === undefined ? merged : { ...merged, usage: counted.usage, rawUsage: counted.rawUsage };
    },
  };
}

function vendorReader(body: unknown): Reader | undefined {
  const type = textIn(body, "type");
  if (type === "message" || type === "message_start") return anthropicMessagesReader();
  const object = textIn(body, "object");
  if (
    object === "chat.completion" ||
    object === "chat.completion.chunk" ||
    countIn(objectIn(body, "usage"), "prompt_tokens") !== undefined
  ) {
    return openAiChatReader();
  }
  return undefined;
}

const METRICS = "amazon-bedrock-invocationMetrics";
const HEADER = "x-amzn-bedrock-";

/** Where the families keep their counts: Nova in `usage`, Llama and Titan beside the text, streams in Bedrock's closing metrics. */
function familyUsage(part: unknown): Json | undefined {
  const metrics = objectIn(part, METRICS);
  if (metrics) return metrics;
  const usage = objectIn(part, "usage") ?? objectIn(objectIn(part, "metadata"), "usage");
  if (usage) return usage;
  if (!isJson(part)) return undefined;
  const results = listIn(part, "results").map((result) => countIn(result, "tokenCount"));
  const produced =
    results.length > 0 && results.every((count) => count !== undefined) ? { tokenCount: results.reduce((a, b) => a + b, 0) } : {};
  const counts = ["prompt_token_count", "generation_token_count", "inputTextTokenCount", "totalOutputTextTokenCount"]
    .filter((name) => countIn(part, name) !== undefined)
    .map((name) => [name, part[name]]);
  const found = { ...Object.fromEntries(counts), ...produced };
  return Object.keys(found).length > 0 ? found : undefined;
}

/** Like `Converse`, Bedrock's own counts tell cached tokens beside the input. */
function invokedUsage(raw: Json): Usage {
  if (countIn(raw, "inputTokens") !== undefined) return conversedUsage(raw).counts;
  const fresh = countIn(raw, "inputTokenCount") ?? countIn(raw, "prompt_token_count") ?? countIn(raw, "inputTextTokenCount");
  const read = countIn(raw, "cacheReadInputTokenCount");
  const written = countIn(raw, "cacheWriteInputTokenCount");
  const output =
    countIn(raw, "outputTokenCount") ??
    countIn(raw, "generation_token_count") ??
    countIn(raw, "totalOutputTextTokenCount") ??
    countIn(raw, "tokenCount");
  return {
    input_tokens: fresh === undefined ? undefined : fresh + (read ?? 0) + (written ?? 0),
    cached_input_tokens: read,
    cache_write_5m_tokens: written,
    // An embedding has input only.
    output_tokens: output ?? (countIn(raw, "inputTextTokenCount") === undefined ? undefined : 0),
  };
}

function rawHeaders(headers: Json): Json {
  const counts = Object.entries(headers).filter(([name]) => name.startsWith(HEADER) && name.endsWith("-count"));
  return Object.fromEntries(counts);
}

function headerUsage(headers: Json): Usage {
  const count = (name: string): number | undefined => {
    const text = textIn(headers, `${HEADER}${name}-token-count`);
    return text !== undefined && /^\d+$/.test(text) ? Number(text) : undefined;
  };
  const [input, read, written] = [count("input"), count("cache-read-input"), count("cache-write-input")];
  return {
    input_tokens: input === undefined ? undefined : input + (read ?? 0) + (written ?? 0),
    cached_input_tokens: read,
    cache_write_5m_tokens: written,
    output_tokens: count("output") ?? (input === undefined ? undefined : 0),
  };
}

/** Characters of output in a reply or a piece of a stream, and whether it says that it is the last. */
function familyOutput(part: unknown): { length: number; isLast: boolean } {
  const delta = objectIn(objectIn(part, "contentBlockDelta"), "delta");
  const message = objectIn(objectIn(part, "output"), "message");
  const texts = [
    textIn(part, "generation"),
    textIn(part, "outputText"),
    textIn(delta, "text"),
    ...listIn(part, "outputs").map((output) => textIn(output, "text")),
    ...listIn(part, "results").map((output) => textIn(output, "outputText")),
    ...listIn(message, "content").map((block) => textIn(block, "text")),
  ];
  return { length: texts.reduce((sum, text) => sum + (text?.length ?? 0), 0), isLast: objectIn(part, METRICS) !== undefined };
}

/** The prompt inside the bytes of an invocation. */
function bodyOf(input: Json): Json {
  const body = parseJson(textOf(input.body));
  if (!isJson(body)) return {};
  return { ...body, input: body.inputText ?? body.input };
}

function textOf(bytes: unknown): string {
  if (typeof bytes === "string") return bytes;
  return bytes instanceof Uint8Array ? new TextDecoder().decode(bytes) : "";
}
