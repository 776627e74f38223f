import { countIn, type Json, listIn, objectIn, textIn } from "./json.ts";
import type { Reader, Reading } from "./reader.ts";

/** OpenAI's pictures: made, changed or varied. Older models tell no tokens, only pictures. */
export function openAiImagesReader(): Reader {
  const reading: Reading = { outputCharacters: 0, isComplete: false };

  const readUsage = (raw: Json | undefined, images: number): void => {
    reading.rawUsage = raw ?? reading.rawUsage;
    reading.usage = {
      ...reading.usage,
      ...(raw && {
        input_tokens: countIn(raw, "input_tokens"),
        cached_input_tokens: countIn(objectIn(raw, "input_tokens_details"), "cached_tokens"),
        output_tokens: countIn(raw, "output_tokens"),
      }),
      images,
    };
    // Tokens of pictures have a price of their own that no field of an event can carry, unless they are all there is.
    const isMixed = (side: string): boolean => (countIn(objectIn(raw, `${side}_tokens_details`), "image_tokens") ?? 0) > 0;
    if (raw) reading.isPartial = isMixed("input") || isMixed("output");
  };

  return {
    normalizer: "openai-images@1",
    readBody(body) {
      reading.model = textIn(body, "model");
      const pictures = listIn(body, "data").length;
      if (pictures > 0) readUsage(objectIn(body, "usage"), pictures);
      reading.isComplete = true;
    },
    readEvent(data) {
      const type = textIn(data, "type") ?? "";
      if (type === "error") reading.errorCode = textIn(objectIn(data, "error"), "code") ?? textIn(data, "code") ?? "stream_error";
      if (type.endsWith(".completed")) {
        readUsage(objectIn(data, "usage"), (reading.usage?.images ?? 0) + 1);
        reading.isComplete = true;
      }
      return { hasOutput: type.endsWith(".partial_image") || type.endsWith(".completed"), isUsageOnly: false };
    },
    reading: () => reading,
  };
}
