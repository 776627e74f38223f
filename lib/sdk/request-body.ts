import { isJson, type Json, objectIn, parseJson, textIn } from "./json.ts";
import type { CallMetadata } from "./metadata.ts";

export type RequestFacts = {
  metadata: CallMetadata & { requestId?: string };
  model: string | undefined;
  isStream: boolean;
  /** Characters of the prompt: the basis of an estimate when no usage arrives. */
  inputCharacters: () => number;
};

export type PreparedRequest = RequestFacts & {
  /** What the vendor gets; the very same when there was nothing to change. */
  body: string | FormData;
  /** We asked for the usage of a stream whose caller did not: it is taken out of what the caller sees. */
  hidesUsage: boolean;
};

/** Takes our metadata out of a request and asks for usage where a stream would not tell it. Undefined when the body is no JSON object. */
export function prepareRequest(text: string, mustAskForUsage: boolean): PreparedRequest | undefined {
  const request = parseJson(text);
  if (!isJson(request)) return undefined;
  const { tokentra, ...sent } = request;
  const isStream = sent.stream === true || textIn(sent, "stream_format") === "sse";
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

/** The same for an upload. Clients write an object into a form as `tokentra[feature]`, `tokentra[tags][plan]`. */
export function prepareForm(form: FormData): PreparedRequest {
  const metadata: Json = {};
  const sent = new FormData();
  let isOurs = false;
  for (const [name, value] of form) {
    const path = /^tokentra\[(\w+)\](?:\[([^\]]+)\])?$/.exec(name);
    if (path?.[1] && typeof value === "string") {
      isOurs = true;
      const [, field, key] = path;
      if (key !== undefined) metadata[field] = { ...objectIn(metadata, field), [key]: value };
      else metadata[field] = value;
    } else sent.append(name, value);
  }
  const text = (name: string): string | undefined => {
    const value = form.get(name);
    return typeof value === "string" ? value : undefined;
  };
  return {
    body: isOurs ? sent : form,
    metadata,
    model: text("model"),
    isStream: text("stream") === "true",
    hidesUsage: false,
    inputCharacters: () => 0,
  };
}

const PROMPT_FIELDS = ["messages", "system", "tools", "input", "instructions", "prompt", "contents", "systemInstruction", "toolConfig"];
/** Fields whose text is an embedded picture, sound or file. */
const EMBEDDED = new Set(["data", "bytes", "b64_json", "file_data"]);

/** Embedded pictures and sound are not text: what is encoded counts for nothing. */
export function promptLength(request: Json): number {
  const length = (value: unknown): number => {
    if (typeof value === "string") return /^data:[\w/+.-]+;base64,/.test(value) || value.length > 1_000_000 ? 0 : value.length;
    if (Array.isArray(value)) return value.reduce<number>((sum, item) => sum + length(item), 0);
    if (!isJson(value) || ArrayBuffer.isView(value)) return 0;
    return Object.entries(value).reduce<number>((sum, [name, item]) => (EMBEDDED.has(name) ? sum : sum + length(item)), 0);
  };
  return PROMPT_FIELDS.reduce((sum, field) => sum + length(request[field]), 0);
}
