// AWS clients send through a stack of middleware. Ours sits around the deserializer: it sees each attempt with its input, its parsed
// output, its headers and its error.
import { bedrockCommand } from "./bedrock-invoke.ts";
import { Call } from "./call.ts";
import { isJson, type Json, objectIn, textIn } from "./json.ts";
import { type Metering, report } from "./metering.ts";
import { observeIterable } from "./observed-iterable.ts";
import type { Reader } from "./reader.ts";
import { promptLength } from "./request-body.ts";

/** `BedrockRuntimeClient` of `@aws-sdk/client-bedrock-runtime`, or its aggregated `BedrockRuntime`. */
export type SmithyClient = { readonly middlewareStack: { clone(): object }; readonly config: { region?: unknown } };

type Result = { response: unknown; output: Json };
type Context = { commandName?: string } & Record<string, unknown>;
type Middleware = (next: (args: Json) => Promise<Result>, context: Context) => (args: Json) => Promise<Result>;
type Stack = { add(middleware: Middleware, options: { step: "deserialize"; priority: "high"; name: string; override: true }): void };

/** Where the client leaves the options of a call for its middleware. */
const SMITHY_CONTEXT = "__smithy_context";

export const isSmithy = (client: object): client is SmithyClient => "middlewareStack" in client && "config" in client;

/** The same client behind a stack of its own: settings, credentials and connections are shared, the first client's stack stays as it was. */
export function wrapSmithy(client: SmithyClient, metering: Metering): object {
  const stack = client.middlewareStack.clone();
  (stack as Stack).add(meteringMiddleware(metering, client.config.region), {
    step: "deserialize",
    priority: "high",
    name: "tokentraMetering",
    override: true,
  });
  return Object.create(client, {
    middlewareStack: { value: stack },
    // A cache of resolved stacks, which must not be shared with a client that has another.
    handlers: { value: undefined, writable: true, configurable: true },
  }) as object;
}

function meteringMiddleware(metering: Metering, configuredRegion: unknown): Middleware {
  return (next, context) => {
    // One context per logical call: its attempts belong together.
    const operationId = crypto.randomUUID();
    return async (args) => {
      // Known by now: the address was made of it.
      const region: unknown = typeof configuredRegion === "function" ? await configuredRegion() : configuredRegion;
      const started = start(metering, context, args, operationId, typeof region === "string" ? region : undefined);
      if (!started) return next(args);
      const { call, readOutput } = started;
      try {
        const result = await next(args);
        return readOutput(result);
      } catch (error) {
        report(metering, () => failed(call, error));
        throw error;
      }
    };
  };
}

/** Undefined for commands that ask no model, and whenever we fail ourselves: then the call goes out as it is. */
function start(metering: Metering, context: Context, args: Json, operationId: string, region: string | undefined) {
  try {
    const command = bedrockCommand(context.commandName);
    const input = isJson(args.input) ? args.input : undefined;
    if (!command || !input) return undefined;
    const model = modelOf(textIn(input, "modelId"));
    const call = new Call({
      provider: metering.provider ?? "aws",
      endpoint: { name: command.name, createReader: command.createReader, ...(isEmbedding(model) && { isUncountable: true }) },
      request: {
        metadata: isJson(input.tokentra) ? input.tokentra : {},
        model,
        isStream: command.stream !== undefined,
        inputCharacters: () => promptLength(command.promptOf(input)),
      },
      metadata: metering.metadata(),
      operationId,
      region,
    });
    const isAborted = (): boolean => objectIn(objectIn(context, SMITHY_CONTEXT), "abortSignal")?.aborted === true;
    return { call, readOutput: (result: Result) => watch(metering, call, command.stream, result, isAborted) };
  } catch (error) {
    metering.onError(error);
    return undefined;
  }
}

/** Reads the output at once, or along with the caller when it is a stream. */
function watch(metering: Metering, call: Call, streamField: string | undefined, result: Result, isAborted: () => boolean): Result {
  const { output, response } = result;
  const stream = streamField === undefined ? undefined : output[streamField];
  if (!isJson(stream) || !(Symbol.asyncIterator in stream)) {
    report(metering, () => {
      call.reader.readBody({ output, headers: headersOf(response) });
      return call.answered("complete");
    });
    return result;
  }
  const reader: Reader = call.reader;
  report(metering, () => void reader.readEvent({ output, headers: headersOf(response) }));
  const observed = observeIterable(stream as AsyncIterable<unknown> & object, {
    onItem(item) {
      if (reader.readEvent(item).hasOutput) call.noteOutput();
    },
    onEnd(how, error) {
      // An exception inside the stream reaches the caller as an error; to the reader it is the last event.
      const name = textIn(error, "name") ?? "";
      if (name.endsWith("Exception")) reader.readEvent({ [name]: {} });
      report(metering, () => call.answered(isAborted() ? "cancelled" : how));
    },
    onError: metering.onError,
  });
  return { response, output: { ...output, [streamField as string]: observed } };
}

function failed(call: Call, error: unknown) {
  const name = textIn(error, "name") ?? "unknown_error";
  if (name === "AbortError") return call.unanswered("aborted");
  if (name === "TimeoutError") return call.unanswered("timeout");
  const status = isJson(error) && isJson(error.$metadata) ? error.$metadata.httpStatusCode : undefined;
  if (typeof status !== "number") return call.unanswered("connection_error");
  return call.failed(name === "ModelTimeoutException" || status === 408 ? "timeout" : "error", name);
}

const isEmbedding = (model: string | undefined): boolean => /embed|rerank|image|canvas|stability|reel/.test(model ?? "");

/** Addresses of models and of AWS's own inference profiles end in the model's name; a customer's own profile has only its address. */
function modelOf(id: string | undefined): string | undefined {
  const named = /^arn:aws[\w-]*:bedrock:[^/]*:(?:foundation-model|inference-profile)\/(.+)$/.exec(id ?? "");
  return named?.[1] ?? id;
}

const headersOf = (response: unknown): unknown => (isJson(response) ? response.headers : undefined);
