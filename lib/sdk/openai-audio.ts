import type { Usage } from "./event.ts";
import { countIn, isJson, type Json, objectIn, textIn } from "./json.ts";
import { contradicts, type Reader, type Reading } from "./reader.ts";

/** OpenAI's transcriptions, translations and speech, and those of everybody who speaks the same format. */
export function openAiAudioReader(): Reader {
  const reading: Reading = { outputCharacters: 0, isComplete: false };

  const readUsage = (body: unknown): void => {
    const raw = objectIn(body, "usage");
    // What the recording's own description says of its length, where there is no usage.
    const seconds = raw ? secondsIn(raw, "seconds") : secondsIn(body, "duration");
    if (!raw && seconds === undefined) return;
    reading.rawUsage = raw;
    reading.usage = raw && textIn(raw, "type") !== "duration" ? audioUsage(raw) : { audio_seconds: seconds };
    reading.isPartial = contradicts(reading.usage);
  };

  return {
    normalizer: "openai-audio@1",
    readBody(body) {
      readUsage(body);
      reading.isComplete = true;
    },
    readEvent(data) {
      const type = textIn(data, "type") ?? "";
      if (type === "error") reading.errorCode = textIn(objectIn(data, "error"), "code") ?? textIn(data, "code") ?? "stream_error";
      if (type.endsWith(".done")) {
        readUsage(data);
        reading.isComplete = true;
      }
      return { hasOutput: type.endsWith(".delta"), isUsageOnly: false };
    },
    reading: () => reading,
  };
}

function audioUsage(raw: Json): Usage {
  return {
    input_tokens: countIn(raw, "input_tokens"),
    input_audio_tokens: countIn(objectIn(raw, "input_token_details"), "audio_tokens"),
    output_tokens: countIn(raw, "output_tokens"),
  };
}

/** Seconds as told, a number or its text, with as many digits as the API takes. */
function secondsIn(value: unknown, key: string): string | undefined {
  const found = isJson(value) ? value[key] : undefined;
  const seconds = typeof found === "string" && /^\d+(\.\d+)?$/.test(found) ? Number(found) : found;
  if (typeof seconds !== "number" || !(seconds >= 0 && seconds < 1e12)) return undefined;
  return seconds.toFixed(9).replace(/\.?0+$/, "");
}
