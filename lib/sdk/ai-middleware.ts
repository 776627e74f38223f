import { aiReader, errorCodeOf } from "./ai-reader.ts";
import { Call } from "./call.ts";
import type { Endpoint } from "./endpoint.ts";
import { countIn, isJson, type Json, objectIn, textIn } from "./json.ts";
import type { CallMetadata } from "./metadata.ts";
import { type Metering, report } from "./metering.ts";
import { observeBody } from "./observed-body.ts";
import { promptLength } from "./request-body.ts";

type Model = { readonly provider: string; readonly modelId: string };

/** A middleware of the `ai` package for language, embedding and image models alike. */
export type AiMiddleware = {
  readonly specificationVersion: "v4";
  transformParams<Params extends object>(options: { params: Params }): Promise<Params>;
  wrapGenerate<Result extends object>(options: { doGenerate: () => PromiseLike<Result>; params: object; model: Model }): Promise<Result>;
  wrapStream<Part, Result extends { stream: ReadableStream<Part> }>(options: {
    doStream: () => PromiseLike<Result>;
    params: object;
    model: Model;
  }): Promise<Result>;
  wrapEmbed<Result extends object>(options: { doEmbed: () => PromiseLike<Result>; params: object; model: Model }): Promise<Result>;
};

/** Meters whatever model it is put around; errors, results and streams pass as they are. */
export function aiMiddleware(metering: Metering): AiMiddleware {
  const tagged = new WeakMap<object, Json>();

  const start = (model: Model, params: object, kind: "language" | "embedding", isStream: boolean): Call =>
    new Call({
      provider: metering.provider ?? providerOf(model.provider),
      endpoint: endpointOf(model.provider, kind, params),
      request: {
        metadata: (tagged.get(params) ?? {}) as CallMetadata & { requestId?: string },
        model: model.modelId,
        isStream,
        inputCharacters: () => promptLength(params as Json),
      },
      metadata: metering.metadata(),
      operationId: undefined,
    });

  const failed = (call: Call, params: object, error: unknown) => {
    const isAborted = objectIn(params, "abortSignal")?.aborted === true;
    if (isAborted) return call.unanswered(textIn(error, "name") === "TimeoutError" ? "timeout" : "aborted");
    const status = countIn(error, "statusCode");
    return call.failed(status === 408 || status === 504 ? "timeout" : "error", errorCodeOf(error));
  };

  const answered = async <Result extends object>(call: Call, params: object, work: () => PromiseLike<Result>): Promise<Result> => {
    let result: Result;
    try {
      result = await work();
    } catch (error) {
      report(metering, () => failed(call, params, error));
      throw error;
    }
    report(metering, () => {
      call.reader.readBody(result);
      return call.answered("complete");
    });
    return result;
  };

  return {
    specificationVersion: "v4",
    /** Takes `providerOptions.tokentra` out, before a provider sees it. */
    async transformParams({ params }) {
      const options = objectIn(params, "providerOptions");
      if (!options || !("tokentra" in options)) return params;
      const { tokentra, ...providerOptions } = options;
      const sent = { ...params, providerOptions };
      if (isJson(tokentra)) tagged.set(sent, tokentra);
      return sent;
    },
    wrapGenerate: ({ doGenerate, params, model }) => answered(start(model, params, "language", false), params, doGenerate),
    wrapEmbed: ({ doEmbed, params, model }) => answered(start(model, params, "embedding", false), params, doEmbed),
    async wrapStream({ doStream, params, model }) {
      const call = start(model, params, "language", true);
      try {
        const result = await doStream();
        return { ...result, stream: watched(metering, call, params, result.stream) };
      } catch (error) {
        report(metering, () => failed(call, params, error));
        throw error;
      }
    },
  };
}

function watched<Part>(metering: Metering, call: Call, params: object, stream: ReadableStream<Part>): ReadableStream<Part> {
  return observeBody(stream, {
    onChunk(part) {
      if (call.reader.readEvent(part).hasOutput) call.noteOutput();
      return part;
    },
    onEnd(how) {
      const isAborted = objectIn(params, "abortSignal")?.aborted === true;
      report(metering, () => call.answered(isAborted ? "cancelled" : how));
      return undefined;
    },
  });
}

const ENDPOINTS: Record<string, string> = {
  chat: "chat.completions",
  completion: "completions",
  responses: "responses",
  messages: "messages",
};

function endpointOf(provider: string, kind: "language" | "embedding", params: object): Endpoint {
  const createReader = aiReader;
  if (kind === "embedding") return { name: "embeddings", createReader, isUncountable: true };
  // An image model is asked for a number of pictures.
  if ("n" in params && "aspectRatio" in params) return { name: "images", createReader, isUncountable: true };
  return { name: ENDPOINTS[provider.split(".").at(-1) ?? ""] ?? "generate_content", createReader };
}

/** The package names `openai.responses`, `google.generative-ai`, `amazon-bedrock`: the vendor is what counts. */
function providerOf(name: string): string {
  if (/vertex/.test(name)) return "google-vertex";
  if (name.startsWith("amazon-bedrock") || name.startsWith("bedrock")) return "aws";
  const [vendor = name] = name.split(".");
  return vendor === "xai" ? "x-ai" : vendor;
}
