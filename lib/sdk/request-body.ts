import { isJson, type Json, objectIn, parseJson, textIn } from "./json.ts";
import type { CallMetadata } from "./metadata.ts";

export type PreparedRequest = {
  /** What the vendor gets; the very same text when there was nothing to change. */
  body: string;
  metadata: CallMetadata & { requestId?: string };
  model: string | undefined;
  isStream: boolean;
  /** We asked for the usage of a stream whose caller did not: it is taken out of what the caller sees. */
  hidesUsage: boolean;
  /** Characters of the prompt: the basis of an estimate when no usage arrives. */
  inputCharacters: () => number;
};

/** Takes our metadata out of a request and asks for usage where a stream would not tell it. Undefined when the body is no JSON object. */
export function prepareRequest(text: string, mustAskForUsage: boolean): PreparedRequest | undefined {
  const request = parseJson(text);
  if (!isJson(request)) return undefined;
  const { tokentra, ...sent } = request;
  const isStream = sent.stream === true;
  const options = objectIn(sent, "stream_options");
  const hidesUsage = isStream && mustAskForUsage && options?.include_usage !== true;
  if (hidesUsage) sent.stream_options = { ...options, include_usage: true };
  return {
    body: tokentra === undefined && !hidesUsage ? text : JSON.stringify(sent),
    metadata: isJson(tokentra) ? tokentra : {},
    model: textIn(sent, "model"),
    isStream,
    hidesUsage,
    inputCharacters: () => promptLength(sent),
  };
}

const PROMPT_FIELDS = ["messages", "system", "tools", "input", "instructions", "prompt"];

/** Embedded pictures and sound are not text: a data URL counts for nothing. */
function promptLength(request: Json): number {
  const length = (value: unknown): number => {
    if (typeof value === "string") return /^data:[\w/+.-]+;base64,/.test(value) || value.length > 1_000_000 ? 0 : value.length;
    if (Array.isArray(value)) return value.reduce<number>((sum, item) => sum + length(item), 0);
    return isJson(value) ? Object.values(value).reduce<number>((sum, item) => sum + length(item), 0) : 0;
  };
  return PROMPT_FIELDS.reduce((sum, field) => sum + length(request[field]), 0);
}
