import { messagesUsage } from "./anthropic-messages.ts";
import { conversedUsage } from "./bedrock-converse.ts";
import type { Usage } from "./event.ts";
import { geminiUsage } from "./gemini.ts";
import type { Json } from "./json.ts";
import { chatUsage } from "./openai-chat.ts";
import { responsesUsage } from "./openai-responses.ts";
import { contradicts } from "./reader.ts";

type Counted = { counts: Usage; isPartial: boolean };

const checked = (counts: Usage): Counted => ({ counts, isPartial: contradicts(counts) });

/** Which vendor's usage an object is, by a name that only this vendor uses. */
const SHAPES: [string[], (raw: Json) => Counted][] = [
  [["prompt_tokens", "completion_tokens"], (raw) => checked(chatUsage(raw))],
  [["input_tokens_details", "output_tokens_details"], (raw) => checked(responsesUsage(raw))],
  [["cache_creation_input_tokens", "cache_read_input_tokens", "cache_creation"], messagesUsage],
  [["promptTokenCount"], geminiUsage],
  [["cacheReadInputTokens", "cacheWriteInputTokens", "cacheDetails"], conversedUsage],
];

/** A vendor's own usage object, read by the rules of that vendor. Undefined when it is none of those known. */
export function readRawUsage(raw: Json): Counted | undefined {
  return SHAPES.find(([names]) => names.some((name) => name in raw))?.[1](raw);
}
